import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';
import { isBracketed } from '../registers.ts';

const BIT = ruleBit('V10');
const SUM_BIT = ruleBit('V15');

/**
 * V10: the largest of the day far above the third largest. True days look like that too, so it is an error only where it is large and no
 * register speaks for it: there is no bracket, or one that the slots in it contradict (V15 came before). Else a warning, also where slots of
 * the bracket are missing: their estimates then bear what the spike took.
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
  const spokenFor = day.proven[at] || (isBracketed(day, at) && !(day.errors[at]! & SUM_BIT));
  if (large && !spokenFor) day.errors[at]! |= BIT;
  else day.warnings[at]! |= BIT;
}
