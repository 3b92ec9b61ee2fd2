import { daysOf, type PeriodDates } from '../../domain/billing/period-calendar.ts';
import { partsOfDay, staysWith } from '../../domain/usagepoint/day-parts.ts';
import { partsBetween } from '../../domain/usagepoint/tenancy.ts';
import { localDay, meterDayStream } from '../shared/days/local-days.ts';
import type { BilledPoint, DayPlace } from './sources.ts';

/** UTC s. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Spans of a period for which the account pays. */
export function spansOf(
  { tenancy, zone }: Pick<BilledPoint, 'tenancy' | 'zone'>,
  account: string,
  { from, until }: PeriodDates,
): readonly Span[] {
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

/** Dates of which some time lies in a span. */
export function chargedDaysOf(spans: readonly Span[], period: PeriodDates, zone: string): readonly string[] {
  return daysOf(period).filter((date) => {
    const { start, end } = localDay(date, zone);
    return spans.some(({ from, until }) => from < end && start < until);
  });
}

/** Every stream that must hold a day of the account: of each meter that hung there, the parts that are the account's. */
export function placesOf(point: BilledPoint, account: string, period: PeriodDates): readonly DayPlace[] {
  const meters = [...new Set(point.installations.map(({ meterId }) => meterId))];
  const stays = new Map(meters.map((meterId) => [meterId, staysWith(point, meterId, point.stays.get(meterId) ?? [])]));
  return daysOf(period).flatMap((day) => {
    const { start, end } = localDay(day, point.zone);
    return meters.flatMap((meterId) =>
      partsOfDay(stays.get(meterId)!, start * 1000, end * 1000).flatMap(({ number, stay, held: { asset }, subject, from, until }) => {
        if (subject !== account || stay.usagePoint !== point.usagePoint) return [];
        const place = { stream: meterDayStream(meterId, day, number), account, day, start: from / 1000, end: until / 1000 };
        return [{ ...place, minutes: asset.intervalMinutes, channels: asset.channels }];
      }),
    );
  });
}
