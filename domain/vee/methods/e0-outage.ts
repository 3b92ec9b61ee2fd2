import { SLOT_SOURCES } from '../../../events/index.ts';
import { type ChannelDay, OUTAGE } from '../channel-day.ts';
import { confidenceOf } from '../confidence.ts';

const E0 = SLOT_SOURCES.indexOf('E0');

/** E0: zero in every slot that awaits an estimate and that an outage covers from end to end. They await none then. @returns how many */
export function zeroOutages(day: ChannelDay, awaiting: Uint8Array): number {
  let zeros = 0;
  for (let i = 0; i < day.n; i++) {
    if (!awaiting[i] || day.outage[i] !== OUTAGE.covers) continue;
    awaiting[i] = 0;
    day.counts[i] = 0;
    day.sources[i] = E0;
    day.confidence[i] = confidenceOf('E0', false, day.minutes);
    zeros++;
  }
  return zeros;
}
