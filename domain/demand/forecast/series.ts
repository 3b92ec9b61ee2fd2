import { JoulekeepError } from '../../../events/index.ts';

/**
 * Demand of one area by local day and slot of the wall clock, which repeats itself: what a forecast looks at. A day of 92 or 100
 * quarter-hours has 96 here: an hour that the clock skips is missing, of one that it shows twice the mean counts.
 */
export interface DemandSeries {
  readonly intervalMinutes: number;
  /** Days since 1970-01-01. */
  readonly firstDay: number;
  /** Wh per slot, day by day; NaN = not known. */
  readonly energyWh: Float64Array;
}

/** A local day as it was metered. */
export interface DemandDay {
  /** Since 1970-01-01. */
  readonly day: number;
  /** Wall clock at the start of each slot, minutes since 00:00. */
  readonly clockMinutes: readonly number[];
  /** Integer Wh per slot; null = not published. */
  readonly energyWh: readonly (number | null)[];
}

export const INTERVALS: readonly number[] = [5, 15, 30, 60];

export function slotsOfDay(intervalMinutes: number): number {
  return 1440 / intervalMinutes;
}

/** Day behind the last one. */
export function endDay({ firstDay, energyWh, intervalMinutes }: DemandSeries): number {
  return firstDay + energyWh.length / slotsOfDay(intervalMinutes);
}

/** Wh of a slot; NaN where it is not known or outside the series. */
export function energyAt({ firstDay, energyWh, intervalMinutes }: DemandSeries, day: number, slot: number): number {
  return energyWh[(day - firstDay) * slotsOfDay(intervalMinutes) + slot] ?? Number.NaN;
}

/**
 * @param days in any order; days that are not given are missing
 * @throws ERR_DEMAND_INVALID for an interval that is none of 5, 15, 30 and 60 minutes, a slot off its grid, energy that is no integer,
 *   or a day given twice
 */
export function demandSeries(intervalMinutes: number, days: readonly DemandDay[]): DemandSeries {
  if (!INTERVALS.includes(intervalMinutes)) throw invalid(`an interval of ${intervalMinutes} min`);
  if (days.length === 0) return { intervalMinutes, firstDay: 0, energyWh: new Float64Array(0) };
  const slots = slotsOfDay(intervalMinutes);
  let firstDay = days[0]!.day;
  let last = firstDay;
  for (const { day } of days) {
    firstDay = Math.min(firstDay, day);
    last = Math.max(last, day);
  }
  const energyWh = new Float64Array((last - firstDay + 1) * slots).fill(Number.NaN);
  const seen = new Set<number>();
  for (const one of days) {
    if (seen.has(one.day)) throw invalid(`day ${one.day} twice`);
    seen.add(one.day);
    energyWh.set(dayOnGrid(one, intervalMinutes), (one.day - firstDay) * slots);
  }
  return { intervalMinutes, firstDay, energyWh };
}

function dayOnGrid({ day, clockMinutes, energyWh }: DemandDay, intervalMinutes: number): Float64Array {
  const grid = new Float64Array(slotsOfDay(intervalMinutes)).fill(Number.NaN);
  const times = new Uint8Array(grid.length);
  for (const [i, minute] of clockMinutes.entries()) {
    const slot = minute / intervalMinutes;
    if (!Number.isInteger(slot) || slot < 0 || slot >= grid.length) throw invalid(`a slot at minute ${minute} of day ${day}`);
    const energy = energyWh[i] ?? null;
    if (energy === null) continue;
    if (!Number.isSafeInteger(energy)) throw invalid(`${energy} Wh on day ${day}`);
    const count = times[slot]!;
    grid[slot] = count === 0 ? energy : (grid[slot]! * count + energy) / (count + 1);
    times[slot] = count + 1;
  }
  return grid;
}

const invalid = (what: string): JoulekeepError => new JoulekeepError('ERR_DEMAND_INVALID', `demand of an area: ${what}`);
