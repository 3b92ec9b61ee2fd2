import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';

const BIT = ruleBit('V12');

/** V12: a change against the last slot with a value that is large both as a share and as energy. */
export function stepCheck(day: ChannelDay, { validation }: VeePolicy): void {
  const { n, counts, warnings } = day;
  const least = validation.stepWh / day.whPerCount;
  if (day.seen.most - day.seen.least <= least) return;
  let last = -1;
  for (let i = 0; i < n; i++) {
    const x = counts[i]!;
    if (x === NO_COUNTS) continue;
    const change = Math.abs(x - last);
    if (last >= 0 && change > least && change > validation.stepShare * last) warnings[i]! |= BIT;
    last = x;
  }
}
