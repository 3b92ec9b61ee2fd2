import type { Usage } from '../../../../api/customer-usage.ts';
import { addDays, addMonths, startOfDay, weekOf } from '../../../shared/local-date.ts';

export const PERIODS = ['day', 'week', 'month', 'year'] as const;
export type PeriodKind = (typeof PERIODS)[number];

/** Local dates, `until` not included. */
export interface Period {
  readonly kind: PeriodKind;
  readonly from: string;
  readonly until: string;
  readonly resolution: Extract<Usage['resolution'], 'hour' | 'day' | 'month'>;
}

/** A stretch of a period that has one bar. UTC ms. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
  /** Local date in which it begins. */
  readonly day: string;
}

const HOUR_MS = 3_600_000;

/** The period of a kind in which a local date lies. */
export function periodOf(kind: PeriodKind, day: string): Period {
  switch (kind) {
    case 'day':
      return { kind, from: day, until: addDays(day, 1), resolution: 'hour' };
    case 'week':
      return { kind, from: weekOf(day), until: addDays(weekOf(day), 7), resolution: 'day' };
    case 'month':
      return { kind, from: addMonths(day, 0), until: addMonths(day, 1), resolution: 'day' };
    default: {
      const first = `${day.slice(0, 4)}-01-01`;
      return { kind, from: first, until: addMonths(first, 12), resolution: 'month' };
    }
  }
}

/** So many periods on, or back. */
export function periodBeside({ kind, from }: Period, by: 1 | -1): Period {
  if (kind === 'day') return periodOf(kind, addDays(from, by));
  if (kind === 'week') return periodOf(kind, addDays(from, 7 * by));
  return periodOf(kind, addMonths(from, kind === 'month' ? by : 12 * by));
}

/** What has a bar, in order: the hours there are, 23 or 25 where the clock is changed, or days, or months. @param zone IANA name */
export function bucketsOf({ from, until, resolution }: Period, zone: string): readonly Bucket[] {
  if (resolution === 'hour') return hoursOf(from, startOfDay(from, zone), startOfDay(until, zone));
  const next = (day: string) => (resolution === 'day' ? addDays(day, 1) : addMonths(day, 1));
  const buckets: Bucket[] = [];
  for (let day = from; day < until; day = next(day)) {
    buckets.push({ day, start: startOfDay(day, zone), end: startOfDay(next(day), zone) });
  }
  return buckets;
}

function hoursOf(day: string, from: number, until: number): readonly Bucket[] {
  const buckets: Bucket[] = [];
  for (let start = from; start < until; start += HOUR_MS) buckets.push({ day, start, end: Math.min(start + HOUR_MS, until) });
  return buckets;
}
