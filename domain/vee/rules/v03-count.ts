import type { ChannelDay } from '../channel-day.ts';
import { dayFinding } from '../findings.ts';

/** V03: as many slots with a value as the local day has. */
export function countCheck(day: ChannelDay): void {
  if (day.seen.missing > 0) day.dayErrors = dayFinding(day.dayErrors, 'V03');
}
