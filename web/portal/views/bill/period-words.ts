import { dateRange, month } from '../../../shared/format.ts';
import { addMonths } from '../../parts/local-days.ts';
import { type BillHead, lastDayOf } from './period.ts';

/** A billing period: by its name where it is a calendar month, else by its days. */
export function periodWords(bill: Pick<BillHead, 'from' | 'until'>): string {
  const name = bill.from.slice(0, 7);
  const isMonth = bill.from === `${name}-01` && bill.until === `${addMonths(name, 1)}-01`;
  return isMonth ? month(`${bill.from}T12:00:00Z`, { zone: 'UTC' }) : dateRange(bill.from, lastDayOf(bill));
}
