import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';

const BIT = ruleBit('V10');

/**
 * V10: the largest of the day far above the third largest. True days look like that too, so it is an error only where nothing proves
 * the value (no bracket, or one that disagrees) and it is large; else a warning.
 */
export function spikeCheck(day: ChannelDay, { validation }: VeePolicy): void {
  const { n, counts } = day;
  const { most, missing } = day.seen;
  if (n - missing < 3) return;
  // The third largest is near enough to the largest where three values are; most days show them soon.
  let near = 0;
  let at = -1;
  for (let i = 0; i < n; i++) {
    const x = counts[i]!;
    if (x === NO_COUNTS || most - x > validation.spikeExcess * x) continue;
    if (++near === 3) return;
    if (x === most && at < 0) at = i;
  }
  const large = most * day.whPerCount >= validation.spikeSmallWh;
  if (large && !day.proven[at]) day.errors[at]! |= BIT;
  else day.warnings[at]! |= BIT;
}
