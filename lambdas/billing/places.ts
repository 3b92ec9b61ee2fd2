import { Temporal } from 'temporal-polyfill';
import { daysOf, type PeriodDates } from '../../domain/billing/period-calendar.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import { UTILITY } from '../../events/index.ts';
import type { BilledPoint, DayPlace } from './sources.ts';

/** UTC s. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** UTC s of the first instant of a local date. */
export function dayBegin(date: string, zone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds / 1000;
}

/** @param now UTC ms */
export function localDate(now: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** Spans of a period for which the account pays. */
export function spansOf({ tenancy, zone }: BilledPoint, account: string, { from, until }: PeriodDates): readonly Span[] {
  const [begin, end] = [dayBegin(from, zone), dayBegin(until, zone)];
  return tenancy.flatMap((cut, i) => {
    if (cut.subject !== account) return [];
    const span = { from: Math.max(begin, cut.from / 1000), until: Math.min(end, (tenancy[i + 1]?.from ?? Infinity) / 1000) };
    return span.from < span.until ? [span] : [];
  });
}

/** Dates whose first instant lies in a span. */
export function standingDaysOf(spans: readonly Span[], period: PeriodDates, zone: string): readonly string[] {
  return daysOf(period).filter((date) => {
    const at = dayBegin(date, zone);
    return spans.some(({ from, until }) => from <= at && at < until);
  });
}

/** Every stream that must hold a day of the account: of each meter that hung there, the parts that are the account's. */
export function placesOf(point: BilledPoint, account: string, period: PeriodDates): readonly DayPlace[] {
  return daysOf(period).flatMap((day) => {
    const bounds = { from: dayBegin(day, point.zone), until: dayBegin(addDays(day, 1), point.zone) };
    return point.installations.flatMap((installation) => {
      const { meterId, asset, from, until = Infinity } = installation;
      const hung = { from: Math.max(bounds.from, from / 1000), until: Math.min(bounds.until, until / 1000) };
      if (hung.from >= hung.until) return [];
      return partsOf(point, hung).flatMap(({ subject, part, ...span }) => {
        if (subject !== account) return [];
        const stream = `meterday/${meterId}/${day}${part === 1 ? '' : `.${part}`}`;
        return [{ stream, day, start: span.from, end: span.until, minutes: asset.intervalMinutes, channels: asset.channels }];
      });
    });
  });
}

/** Parts into which tenancy cuts divide the time of a meter in a day, numbered from 1. */
function partsOf({ tenancy }: BilledPoint, { from, until }: Span): (Span & { readonly subject: string; readonly part: number })[] {
  const cuts = tenancy.map((cut) => cut.from / 1000).filter((at) => at > from && at < until);
  const bounds = [from, ...cuts, until];
  return bounds.slice(1).map((end, i) => {
    const start = bounds[i]!;
    const subject = tenancy.findLast((cut) => cut.from / 1000 <= start)?.subject ?? UTILITY;
    return { from: start, until: end, subject, part: i + 1 };
  });
}
