import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import type { History } from '../history.ts';
import { type Gap, validAt } from './gap.ts';

/** No valid value. */
export const HOLE = -1;

/** The channel's valid values from its oldest usable day to the newest, one block of `n` slots a day, aligned by local time. */
export interface Series {
  readonly values: Float64Array;
  /** Where the estimated day begins. */
  readonly own: number;
  /** Average of the valid values. */
  readonly mean: number;
  /** Usable days in it, by days back. */
  readonly dates: ReadonlyMap<number, string>;
}

/** @returns the days around the gap in one row, the gap itself and everything that is not valid as holes */
export function seriesAround(gap: Gap): Series {
  const { day, history } = gap;
  const usable = history.days.filter(({ usable: good, daysBack }) => good && daysBack !== 0);
  const oldest = usable.reduce((most, { daysBack }) => Math.max(most, daysBack), 1);
  const newest = usable.reduce((least, { daysBack }) => Math.min(least, daysBack), -1);
  const { n } = day;
  const values = new Float64Array((oldest - newest + 1) * n).fill(HOLE);
  for (const { daysBack, counts } of usable) {
    const block = (oldest - daysBack) * n;
    for (let i = 0; i < n; i++) if ((counts[i] ?? NO_COUNTS) !== NO_COUNTS) values[block + i] = counts[i]!;
  }
  const own = oldest * n;
  putNeighbours(gap, values, own);
  return { values, own, mean: meanOf(values), dates: datesOf(history) };
}

/** The day's own valid slots, and those on its two sides. */
function putNeighbours(gap: Gap, values: Float64Array, own: number): void {
  const { day, history } = gap;
  const first = -Math.min(history.before.length, day.n);
  const last = day.n + Math.min(history.after.length, day.n);
  for (let i = first; i < last; i++) {
    const counts = validAt(gap, i);
    if (counts !== NO_COUNTS) values[own + i] = counts;
  }
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  let valid = 0;
  for (const value of values) {
    if (value < 0) continue;
    sum += value;
    valid++;
  }
  return valid > 0 ? sum / valid : 0;
}

function datesOf({ days }: History): ReadonlyMap<number, string> {
  return new Map(days.filter(({ usable }) => usable).map(({ daysBack, date }) => [daysBack, date]));
}

/** Counts of slots that the method may shift by. */
export function slotsOf(minutes: number, { minutes: length }: ChannelDay): number {
  return Math.floor(minutes / length);
}
