import { daysOf, type PeriodDates } from '../../domain/billing/period-calendar.ts';
import { partsOfDay } from '../../domain/usagepoint/queries.ts';
import { partsBetween } from '../../domain/usagepoint/tenancy.ts';
import { localDay, meterDayStream } from '../shared/local-days.ts';
import type { BilledPoint, DayPlace } from './sources.ts';

/** UTC s. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Spans of a period for which the account pays. */
export function spansOf({ tenancy, zone }: BilledPoint, account: string, { from, until }: PeriodDates): readonly Span[] {
  const parts = partsBetween(tenancy, localDay(from, zone).start * 1000, localDay(until, zone).start * 1000);
  return parts.filter(({ subject }) => subject === account).map((part) => ({ from: part.from / 1000, until: part.until / 1000 }));
}

/** Dates whose first instant lies in a span. */
export function standingDaysOf(spans: readonly Span[], period: PeriodDates, zone: string): readonly string[] {
  return daysOf(period).filter((date) => {
    const at = localDay(date, zone).start;
    return spans.some(({ from, until }) => from <= at && at < until);
  });
}

/** Every stream that must hold a day of the account: of each meter that hung there, the parts that are the account's. */
export function placesOf(point: BilledPoint, account: string, period: PeriodDates): readonly DayPlace[] {
  const meters = [...new Set(point.installations.map(({ meterId }) => meterId))];
  return daysOf(period).flatMap((day) => {
    const { start, end } = localDay(day, point.zone);
    return meters.flatMap((meterId) =>
      partsOfDay(point, meterId, start * 1000, end * 1000).flatMap(({ subject, from, until, asset }, i) => {
        if (subject !== account) return [];
        const place = { stream: meterDayStream(meterId, day, i + 1), account, day, start: from / 1000, end: until / 1000 };
        return [{ ...place, minutes: asset.intervalMinutes, channels: asset.channels }];
      }),
    );
  });
}
