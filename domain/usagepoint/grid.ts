import { JoulekeepError } from '../../events/index.ts';
import type { OpenUsagePoint } from './usagepoint-state.ts';

const MINUTE_MS = 60_000;
/** Where no meter says otherwise: every interval there is fits. */
const COARSEST_MINUTES = 30;

/** @param instant UTC ms @throws ERR_OFF_GRID */
export function checkGrid(instant: number, minutes: number, what: string): void {
  if (Number.isSafeInteger(instant) && instant >= 0 && instant % (minutes * MINUTE_MS) === 0) return;
  throw new JoulekeepError('ERR_OFF_GRID', `${what} where an interval of ${minutes} minutes begins`);
}

/** Interval on whose grid an instant must lie: the longest of the meters that hang there then. */
export function minutesAt({ installations }: OpenUsagePoint, instant: number): number {
  const there = installations.filter(({ from, until }) => from < instant && instant < (until ?? Infinity));
  return there.length === 0 ? COARSEST_MINUTES : Math.max(...there.map(({ asset }) => asset.intervalMinutes));
}
