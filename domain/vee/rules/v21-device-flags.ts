import { RECORD_FLAG } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V21');
const FAULTS = RECORD_FLAG.reset | RECORD_FLAG.memoryError | RECORD_FLAG.testMode;

/** V21: the meter itself says that the record is none: reset, memory error, test mode. */
export function deviceFlagCheck(day: ChannelDay): void {
  if (!(day.seen.flags & FAULTS)) return;
  for (let i = 0; i < day.n; i++) if (day.flags[i]! & FAULTS) day.errors[i]! |= BIT;
}
