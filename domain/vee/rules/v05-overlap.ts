import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V05');

/** V05: the same slot came with different values. Equal ones are nothing. */
export function overlapCheck(day: ChannelDay): void {
  if (!day.seen.conflicts) return;
  for (let i = 0; i < day.n; i++) if (day.conflicts[i]) day.errors[i]! |= BIT;
}
