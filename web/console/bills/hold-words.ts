import { reasonsTold } from '../../../events/bill.ts';
import { energyExact, money } from '../../shared/format.ts';
import { addDays } from '../../shared/local-date.ts';
import { daysText } from '../dates.ts';
import type { HeldBill } from '../model/held-bills.ts';
import { t, wordOf } from '../text.ts';

/** What holds a bill, in words. */
export function holdWords(reasons: HeldBill['reasons']): string {
  return reasonsTold(reasons)
    .map((reason) => wordOf('hold', reason))
    .join(', ');
}

/** What would go out. */
export function amountWords({ totalMicro, currency }: Pick<HeldBill, 'totalMicro' | 'currency'>): string {
  return totalMicro === undefined || currency === undefined ? t('bills.amount.unknown') : money(totalMicro, currency);
}

/** Its days, the last one included. */
export function periodText({ from, until }: Pick<HeldBill, 'from' | 'until'>): string {
  return daysText(from, addDays(until, -1));
}

/** Empty where it was not kept. */
export function energyWords({ importWh, exportWh = '0' }: Pick<HeldBill, 'importWh' | 'exportWh'>): string {
  if (importWh === undefined) return '';
  return t('bills.energy', { import: energyExact(Number(importWh)), export: energyExact(Number(exportWh)) });
}
