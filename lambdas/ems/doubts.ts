import type { AreaItem, MeasuredDemand } from '../../domain/demand/area.ts';
import type { AreaState } from '../../domain/demand/area-state.ts';
import { balanceOf } from '../../domain/demand/balance.ts';
import { bandOf } from '../../domain/privacy/bands.ts';
import type { DoubtCause, PublishedArea } from '../../events/index.ts';
import type { AreaReader } from './area-demand.ts';

/** What was forecast of an interval, Wh. */
export interface DemandBand {
  readonly lowWh: number;
  readonly highWh: number;
}

/** What is expected of an area at an interval; undefined where nothing was forecast. @param end UTC s */
export type ForecastOf = (area: string, end: number) => Promise<DemandBand | undefined>;

/**
 * Holds a value that goes out against what doesn't come from the same meters: yesterday's forecast and the feeder's own head.
 * Readings that pass every rule of their own can still be made up, by few or by many.
 * @returns an item that says so, undefined where nothing does
 * @source X.1332 8 (invalid metering misleads demand decisions)
 */
export async function doubtOf(
  reader: AreaReader,
  forecastOf: ForecastOf,
  area: PublishedArea,
  demand: MeasuredDemand,
  state: AreaState,
): Promise<AreaItem | undefined> {
  const { end } = demand;
  if (state.doubtedUntil >= end) return undefined;
  const causes = new Set<DoubtCause>();
  const band = await forecastOf(area.area, end);
  const netWh = demand.importWh - demand.exportWh;
  if (band !== undefined && isOutside(netWh, demand, band)) causes.add('outside-forecast-band');
  for (const leaf of area.leaves) {
    const cause = await feederCause(reader, leaf, area, end);
    if (cause !== undefined) causes.add(cause);
  }
  return causes.size === 0 ? undefined : { type: 'AreaDoubted', data: { area: area.area, end, causes: [...causes].sort() } };
}

/** Too little is no contradiction where homes are missing. */
function isOutside(netWh: number, { counts }: MeasuredDemand, { lowWh, highWh }: DemandBand): boolean {
  return netWh > highWh || (netWh < lowWh && bandOf(counts.measured, counts.expected) === '>=99');
}

async function feederCause(reader: AreaReader, leaf: string, area: PublishedArea, end: number): Promise<DoubtCause | undefined> {
  const head = await reader.feeder(leaf, area.intervalMinutes, end);
  if (head === undefined) return undefined;
  const { importWh, exportWh, counts } = await reader.demand({ ...area, leaves: [leaf] }, end);
  const { expected, measured } = counts;
  return balanceOf({
    ...{ headImportWh: head.importWh, headExportWh: head.exportWh, homesImportWh: importWh, homesExportWh: exportWh },
    ...{ expected, measured },
  }).cause;
}
