import { date, dateRange, localDate, month, shortDate, time, timeWithZone, weekday } from '../../../shared/format.ts';
import { addDays } from '../../../shared/local-date.ts';
import { t } from './messages.ts';
import type { Bucket, Period } from './period.ts';
import type { BucketNames } from './usage-bars.ts';

const UTC = { zone: 'UTC' } as const;

/** What the bars of a period are called. @param zone IANA name */
export function namesOf({ kind }: Period, zone: string): BucketNames {
  if (kind === 'day') return (bucket, _, all) => hourNames(bucket, all, zone);
  return ({ day }) => {
    const noon = `${day}T12:00:00Z`;
    if (kind === 'week') return { label: weekday(noon, { ...UTC, style: 'short' }), title: date(noon, { ...UTC, weekday: true }) };
    if (kind === 'month') return { label: String(Number(day.slice(8))), title: date(noon, { ...UTC, weekday: true }) };
    return { label: month(noon, { ...UTC, style: 'short' }), title: month(noon, UTC) };
  };
}

/** A period as its heading says it. */
export function periodTitle({ kind, from, until }: Period): string {
  const noon = `${from}T12:00:00Z`;
  if (kind === 'day') return localDate(from, { weekday: true });
  if (kind === 'week') return dateRange(from, addDays(until, -1));
  return kind === 'month' ? month(noon, UTC) : from.slice(0, 4);
}

function hourNames({ start, end }: Bucket, all: readonly Bucket[], zone: string): ReturnType<BucketNames> {
  const said = time(start, { zone });
  const isTwice = all.filter((other) => time(other.start, { zone }) === said).length > 1;
  const from = isTwice ? timeWithZone(start, { zone }) : said;
  return { label: said, title: t('hour', { date: shortDate(start, { zone }), from, until: time(end, { zone }) }) };
}
