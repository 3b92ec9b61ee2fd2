import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import { looksNegative } from './v07-negative.ts';

const BIT = ruleBit('V08');

/** V08: more than the service fuse lets through. No register answers it, and no audience sees it before a person has. */
export function capacityCheck(day: ChannelDay): void {
  const { n, capacity, counts, errors } = day;
  if (day.seen.most <= capacity) return;
  for (let i = 0; i < n; i++) {
    const x = counts[i]!;
    if (x > capacity && x !== NO_COUNTS && !looksNegative(x, capacity)) errors[i]! |= BIT;
  }
}
