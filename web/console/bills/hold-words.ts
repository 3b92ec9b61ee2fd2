import type { HeldBill } from '../model/held-bills.ts';
import { wordOf } from '../text.ts';

/** What holds a bill, in words. Readings of days that are not final are not missing yet. */
export function holdWords(reasons: HeldBill['reasons']): string {
  const said = reasons.filter((reason) => reason !== 'missing' || !reasons.includes('not-final'));
  return said.map((reason) => wordOf('hold', reason)).join(', ');
}
