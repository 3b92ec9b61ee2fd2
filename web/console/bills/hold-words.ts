import { energyExact, money } from '../../shared/format.ts';
import type { HeldBill } from '../model/held-bills.ts';
import { t, wordOf } from '../text.ts';

/** What holds a bill, in words. Readings of days that are not final are not missing yet. */
export function holdWords(reasons: HeldBill['reasons']): string {
  const said = reasons.filter((reason) => reason !== 'missing' || !reasons.includes('not-final'));
  return said.map((reason) => wordOf('hold', reason)).join(', ');
}

/** What would go out. */
export function amountWords({ totalMicro, currency }: Pick<HeldBill, 'totalMicro' | 'currency'>): string {
  return totalMicro === undefined || currency === undefined ? t('bills.amount.unknown') : money(totalMicro, currency);
}

/** Empty where it was not kept. */
export function energyWords({ importWh, exportWh = '0' }: Pick<HeldBill, 'importWh' | 'exportWh'>): string {
  if (importWh === undefined) return '';
  return t('bills.energy', { import: energyExact(Number(importWh)), export: energyExact(Number(exportWh)) });
}
