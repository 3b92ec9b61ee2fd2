import type { AreaDemand } from '../../events/index.ts';

const DAY = 86_400;

/** An interval as it was told last. */
export interface ToldInterval extends AreaDemand {
  /** 1 for the first release, 0 for an interval that could not be told. */
  readonly revision: number;
}

/** Intervals of one UTC day, oldest first. */
export interface ToldDay {
  /** Days since the epoch. */
  readonly day: number;
  readonly intervals: readonly ToldInterval[];
}

/** Days that can still be revised, and the one that is going on. */
const DAYS_KEPT = 7;

/** UTC day in which an interval lies. @param end UTC s */
export function dayOfInterval(end: number): number {
  return Math.floor((end - 1) / DAY);
}

/** Behind it a day is told for the last time. @returns UTC ms */
export function finalFrom(day: number): number {
  return (day + 1 + 5) * DAY * 1000;
}

/** @param told newer than all there is, or one of these again */
export function withInterval(days: readonly ToldDay[], told: ToldInterval): readonly ToldDay[] {
  const day = dayOfInterval(told.end);
  const newest = days.at(-1);
  if (newest === undefined || day > newest.day) return [...days, { day, intervals: [told] }].slice(-DAYS_KEPT);
  return days.map((known) => (known.day === day ? { day, intervals: withTold(known.intervals, told) } : known));
}

function withTold(intervals: readonly ToldInterval[], told: ToldInterval): readonly ToldInterval[] {
  const at = intervals.findIndex(({ end }) => end === told.end);
  return at < 0 ? [...intervals, told] : intervals.with(at, told);
}

export function toldAt(days: readonly ToldDay[], end: number): ToldInterval | undefined {
  return days.find(({ day }) => day === dayOfInterval(end))?.intervals.find((told) => told.end === end);
}
