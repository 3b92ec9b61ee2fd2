import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';

const BIT = ruleBit('V14');

/** V14: the same non-zero value many times in a row. A long run meets two neighbours of every stride of half its length. */
export function flatLineCheck(day: ChannelDay, { validation }: VeePolicy): void {
  const { n, counts, warnings } = day;
  const stride = validation.flatSlots >> 1;
  for (let i = stride; i < n; i += stride) {
    const x = counts[i]!;
    if (x !== counts[i - stride] || x === 0 || x === NO_COUNTS) continue;
    let from = i;
    while (from > 0 && counts[from - 1] === x) from--;
    let until = i + 1;
    while (until < n && counts[until] === x) until++;
    if (until - from >= validation.flatSlots) for (let at = from; at < until; at++) warnings[at]! |= BIT;
  }
}
