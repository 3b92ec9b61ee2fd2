import type { DataResolution } from '../../events/index.ts';
import { finalAt, localDay, localDayAt, plusDays, provisionalAt } from '../shared/days/local-days.ts';

/** A stretch of local time that is one row, UTC s. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
}

/** UTC ms. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

const HOUR_S = 3_600;

/**
 * The buckets that begin in `part`, lie in `window` as a whole, and can be told by now. A bucket is never cut by a window: two windows
 * of which one is a day longer would tell that day. For the same reason a month is told when its last day is final.
 * @param now UTC ms
 */
export function bucketsOf(zone: string, resolution: Exclude<DataResolution, 'interval'>, window: Span, part: Span, now: number): Bucket[] {
  const found: Bucket[] = [];
  if (part.from >= part.until) return found;
  const last = localDayAt(Math.ceil(part.until / 1000), zone).day;
  const first = localDayAt(Math.floor(part.from / 1000), zone).day;
  for (let day = resolution === 'month' ? monthStart(first) : first; day <= last; day = nextOf(day, resolution))
    for (const bucket of bucketsFrom(day, zone, resolution))
      if (isTold(bucket, day, zone, resolution, window, part, now)) found.push(bucket);
  return found;
}

/** Whether anything of a local day may be told. @param now UTC ms */
export function isDayTold(day: string, zone: string, now: number): boolean {
  return now >= provisionalAt(day, zone);
}

function bucketsFrom(day: string, zone: string, resolution: Exclude<DataResolution, 'interval'>): Bucket[] {
  const { start, end } = localDay(day, zone);
  if (resolution === 'day') return [{ start, end }];
  if (resolution === 'month') return [{ start, end: localDay(nextMonth(day), zone).start }];
  const hours: Bucket[] = [];
  for (let at = start; at < end; at += HOUR_S) hours.push({ start: at, end: Math.min(at + HOUR_S, end) });
  return hours;
}

function isTold(
  { start, end }: Bucket,
  day: string,
  zone: string,
  resolution: DataResolution,
  window: Span,
  part: Span,
  now: number,
): boolean {
  if (start * 1000 < part.from || start * 1000 >= part.until) return false;
  if (start * 1000 < window.from || end * 1000 > window.until) return false;
  return resolution === 'month' ? now >= finalAt(plusDays(nextMonth(day), -1), zone) : isDayTold(day, zone, now);
}

function nextOf(day: string, resolution: DataResolution): string {
  return resolution === 'month' ? nextMonth(day) : plusDays(day, 1);
}

function monthStart(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

function nextMonth(first: string): string {
  return monthStart(plusDays(first, 31));
}
