import type { UsageQuery } from '../../api/customer-usage.ts';
import { addMonths } from '../../domain/tariff/dates.ts';
import { localDay, localDayAt, plusDays } from '../shared/days/local-days.ts';
import type { Span } from './premises.ts';

/** A stretch of local time that is one row, cut at the dates of the tenancy; UTC s. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
  /** The first instant of it that is not over, or its end. */
  readonly over: number;
}

const HOUR_S = 3_600;

/** Rows of hours, days or months, in order. @param span what is the customer's, by now; UTC ms @param until the row may go on to there, UTC ms */
export function bucketsOf(resolution: Exclude<UsageQuery['resolution'], 'interval'>, zone: string, span: Span, until: number): Bucket[] {
  const [from, over] = [Math.ceil(span.from / 1000), Math.floor(span.until / 1000)];
  const found: Bucket[] = [];
  for (const { start, end } of whole(resolution, zone, from, over)) {
    if (end <= from || start >= over) continue;
    found.push({ start: Math.max(start, from), end: Math.min(end, until / 1000), over: Math.min(end, over) });
  }
  return found;
}

function* whole(
  resolution: string,
  zone: string,
  from: number,
  until: number,
): Generator<{ readonly start: number; readonly end: number }> {
  const first = localDayAt(from, zone).day;
  for (let day = resolution === 'month' ? `${first.slice(0, 7)}-01` : first; ; ) {
    const next = resolution === 'month' ? addMonths(day, 1) : plusDays(day, 1);
    const { start } = localDay(day, zone);
    const end = localDay(next, zone).start;
    if (start >= until) return;
    if (resolution !== 'hour') yield { start, end };
    else for (let at = start; at < end; at += HOUR_S) yield { start: at, end: Math.min(at + HOUR_S, end) };
    day = next;
  }
}
