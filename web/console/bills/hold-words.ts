import type { HeldBill } from '../model/held-bills.ts';
import { wordOf } from '../text.ts';

/** What holds a bill, in words. */
export function holdWords(reasons: HeldBill['reasons']): string {
  return reasons.map((reason) => wordOf('hold', reason)).join(', ');
}
