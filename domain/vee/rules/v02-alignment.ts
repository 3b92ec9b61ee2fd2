import { ANNOTATION } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V02');

/** V02: interval end on its grid, interval as enrolled. What lies off the grid was not placed and stands at the day; this is the rest of its frame. */
export function alignmentCheck(day: ChannelDay): void {
  if (!(day.seen.annotations & ANNOTATION.misaligned)) return;
  for (let i = 0; i < day.n; i++) if (day.annotations[i]! & ANNOTATION.misaligned) day.errors[i]! |= BIT;
}
