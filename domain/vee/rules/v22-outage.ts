import { RECORD_FLAG } from '../../../events/index.ts';
import { type ChannelDay, OUTAGE } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V22');

/** V22: an outage covers or touches the slot, so its zero is measured. Noted as a warning; V13 leaves such slots out. */
export function outageCheck(day: ChannelDay): void {
  if (!(day.seen.flags & RECORD_FLAG.outage) && !day.seen.outage) return;
  for (let i = 0; i < day.n; i++) {
    if (day.flags[i]! & RECORD_FLAG.outage && day.outage[i] === OUTAGE.none) day.outage[i] = OUTAGE.touches;
    if (day.outage[i] !== OUTAGE.none && day.counts[i] === 0) day.warnings[i]! |= BIT;
  }
}
