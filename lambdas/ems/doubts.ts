import type { AreaItem, MeasuredDemand } from '../../domain/demand/area.ts';
import type { AreaState } from '../../domain/demand/area-state.ts';
import { balanceOf } from '../../domain/demand/balance.ts';
import { type DemandBand, farSide, persistentIntervals, type Side } from '../../domain/demand/forecast/contradiction.ts';
import { bandOf } from '../../domain/privacy/bands.ts';
import type { AreaDemand, DoubtCause, PublishedArea } from '../../events/index.ts';
import type { AreaReader } from './area-demand.ts';

/** What is expected of an area at an interval; undefined where nothing was forecast. @param end UTC s */
export type ForecastOf = (area: string, end: number) => Promise<DemandBand | undefined>;

/** What went out of an area at an interval; undefined where nothing did. @param end UTC s */
export type ToldOf = (end: number) => Pick<AreaDemand, 'netWh' | 'counts'> | undefined;

/**
 * Holds a value that goes out against what doesn't come from the same meters: the forecast, for as long as chance won't do, and the
 * feeder's own head. The forecast is held against what was told alone: a value that may not go out shows in no doubt either.
 * Readings that pass every rule of their own can still be made up, by few or by many.
 * @returns an item that says so, undefined where nothing does
 * @source X.1332 8 (invalid metering misleads demand decisions)
 */
export async function doubtOf(
  reader: AreaReader,
  forecastOf: ForecastOf,
  area: PublishedArea,
  { end }: MeasuredDemand,
  { doubtedUntil }: AreaState,
  toldOf: ToldOf,
): Promise<AreaItem | undefined> {
  if (doubtedUntil >= end) return undefined;
  const causes = new Set<DoubtCause>();
  if (await isContradicted(forecastOf, area, end, toldOf)) causes.add('outside-forecast-band');
  for (const leaf of area.leaves) {
    const cause = await feederCause(reader, leaf, area, end);
    if (cause !== undefined) causes.add(cause);
  }
  return causes.size === 0 ? undefined : { type: 'AreaDoubted', data: { area: area.area, end, causes: [...causes].sort() } };
}

async function isContradicted(
  forecastOf: ForecastOf,
  { area, intervalMinutes }: PublishedArea,
  end: number,
  toldOf: ToldOf,
): Promise<boolean> {
  let side: Side | undefined;
  for (let back = 0; back < persistentIntervals(intervalMinutes); back++) {
    const at = end - back * intervalMinutes * 60;
    const told = toldOf(at);
    const band = told && (await forecastOf(area, at));
    const found = band && sideOf(told, band);
    if (found === undefined || (side !== undefined && found !== side)) return false;
    side = found;
  }
  return true;
}

/** Too little is no contradiction where homes are missing. */
function sideOf({ netWh, counts }: Pick<AreaDemand, 'netWh' | 'counts'>, band: DemandBand): Side | undefined {
  const side = farSide(netWh, band);
  return side === 'below' && bandOf(counts.measured, counts.expected) !== '>=99' ? undefined : side;
}

async function feederCause(reader: AreaReader, leaf: string, area: PublishedArea, end: number): Promise<DoubtCause | undefined> {
  const interval = await reader.feeder(leaf, area.intervalMinutes, end);
  return interval && balanceOf(interval).cause;
}
