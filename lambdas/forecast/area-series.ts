import { numberOf } from '../../domain/demand/forecast/model-record.ts';
import { type DemandDay, type DemandSeries, demandSeries } from '../../domain/demand/forecast/series.ts';
import type { AreaDemandPublished } from '../../events/index.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import { type LocalDay, localDay, localDayOfSlot, plusDays, slotCount } from '../shared/days/local-days.ts';
import { timesOf } from '../shared/days/wall-clock.ts';

/** Of the homes' slots, of which the sum must have had the values: a sum of fewer says more about who is missing than about demand. */
const LEAST_SHARE = 0.9;

/** What was published of an area. */
export interface AreaSeries {
  /** By end of the interval, UTC s: net demand in Wh, the newest revision. */
  readonly netWh: ReadonlyMap<number, number>;
  readonly intervalMinutes: number;
  /** Of the area's stream, as far as it was read. */
  readonly version: number;
}

/**
 * Reads what the operator was told of an area, and nothing else: no meter, no home. Undefined where nothing was.
 * @param until version at which to stop; the forecasts of the past can be made again
 */
export async function readAreaSeries(
  events: Pick<EventStore, 'read'>,
  area: string,
  until: number = Number.POSITIVE_INFINITY,
): Promise<AreaSeries | undefined> {
  const netWh = new Map<number, number>();
  let intervalMinutes: number | undefined;
  let version = -1;
  for await (const commit of events.read(`area/${area}`)) {
    if (commit.version > until) break;
    version = commit.head.version;
    for (const event of commit.events) {
      if (event.type !== 'AreaDemandPublished' && event.type !== 'AreaRevised') continue;
      // With the meters an area's interval may change: demand of another length can't be compared.
      if (intervalMinutes !== event.data.intervalMinutes) netWh.clear();
      intervalMinutes = event.data.intervalMinutes;
      take(netWh, event.data);
    }
  }
  return intervalMinutes === undefined ? undefined : { netWh, intervalMinutes, version };
}

/** By local day and wall clock, up to the day before `until`, or to the last known one; what was not published is missing. @param until `yyyy-mm-dd` */
export function seriesUntil({ netWh, intervalMinutes }: AreaSeries, zone: string, until = '9999'): DemandSeries {
  const days: DemandDay[] = [];
  const ends = [...netWh.keys()].sort((a, b) => a - b);
  if (ends.length === 0) return demandSeries(intervalMinutes, days);
  const last = localDayOfSlot(ends.at(-1)!, zone).day;
  for (let date = localDayOfSlot(ends[0]!, zone).day; date <= last && date < until; date = plusDays(date, 1)) {
    const day = localDay(date, zone);
    const energyWh = endsOf(day, intervalMinutes).map((end) => netWh.get(end) ?? null);
    days.push({ day: numberOf(date), clockMinutes: clockMinutes(day, intervalMinutes, zone), energyWh });
  }
  return demandSeries(intervalMinutes, days);
}

/** Ends of a day's slots, UTC s. */
export function endsOf({ start, end }: LocalDay, minutes: number): number[] {
  return Array.from({ length: slotCount(start, end, minutes) }, (_, slot) => start + (slot + 1) * minutes * 60);
}

/** Wall clock at the start of each slot of a day, minutes since 00:00. */
export function clockMinutes({ start, end }: LocalDay, minutes: number, zone: string): number[] {
  return [...timesOf({ start, end, minutes, zone })].map((seconds) => seconds / 60);
}

function take(netWh: Map<number, number>, { end, netWh: energyWh, counts }: AreaDemandPublished): void {
  if (counts.measured < LEAST_SHARE * counts.expected) netWh.delete(end);
  else netWh.set(end, energyWh);
}
