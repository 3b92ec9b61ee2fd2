import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V04');

/** V04: slots absent between two present. */
export function gapCheck(day: ChannelDay): void {
  if (day.seen.missing === 0) return;
  let present = -1;
  for (let i = 0; i < day.n; i++) {
    if (day.counts[i] === NO_COUNTS) continue;
    if (present >= 0) for (let absent = present + 1; absent < i; absent++) day.errors[absent]! |= BIT;
    present = i;
  }
}
