import { dateRange, month } from '../../../shared/format.ts';
import { addMonths } from '../../../shared/local-date.ts';
import { type BillHead, lastDayOf } from './period.ts';

/** A billing period: by its name where it is a calendar month, else by its days. */
export function periodWords(bill: Pick<BillHead, 'from' | 'until'>): string {
  const isMonth = bill.from === addMonths(bill.from, 0) && bill.until === addMonths(bill.from, 1);
  return isMonth ? month(`${bill.from}T12:00:00Z`, { zone: 'UTC' }) : dateRange(bill.from, lastDayOf(bill));
}
