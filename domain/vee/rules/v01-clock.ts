import { ANNOTATION } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V01');

/** V01: the meter's clock, as ingest judged it on arrival: a warning when fast or doubtful, an error by more than one interval. */
export function clockCheck(day: ChannelDay): void {
  const { clockFast, clockDoubtful, clockWrong } = ANNOTATION;
  if (!(day.seen.annotations & (clockFast | clockDoubtful | clockWrong))) return;
  for (let i = 0; i < day.n; i++) {
    const bits = day.annotations[i]!;
    if (bits & clockWrong) day.errors[i]! |= BIT;
    else if (bits & (clockFast | clockDoubtful)) day.warnings[i]! |= BIT;
  }
}
