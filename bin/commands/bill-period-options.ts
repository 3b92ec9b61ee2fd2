import { InvalidArgumentError } from 'commander';
import type { BillState } from '../../domain/billing/bill.ts';
import { billNamed, type NamedBill } from '../../lambdas/billing/bill-stream.ts';
import type { Clock } from '../../platform/ports/platform.ts';
import { calendarDay } from '../terminal/arguments.ts';

const HALF_DAY_MS = 43_200_000;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** @throws InvalidArgumentError for what is no month */
export function month(text: string): string {
  if (!MONTH.test(text)) throw new InvalidArgumentError('a month like 2013-06 is expected.');
  return text;
}

/** A month, or a day. @throws InvalidArgumentError */
export function monthOrDay(text: string): string {
  if (MONTH.test(text)) return text;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text))
    throw new InvalidArgumentError('a month like 2013-06, or a day of the bill like 2013-06-15, is expected.');
  calendarDay(text);
  return text;
}

/** Says how the one bill is found that is meant. */
export const PERIOD_HELP = 'e.g. 2013-06: the bill that begins in this month; or 2013-06-15: the bill that has this day';

/** How a bill of an account is named at the terminal. */
export interface BillChoice {
  /** A month or a day. */
  readonly period?: string;
  /** Day of the month on which it begins. */
  readonly startDay?: number;
  readonly point?: string;
}

/** Whether a bill is meant, as far as its name says: of a day, it has to begin by then. */
export function mayBeMeant(stream: string, { period, startDay, point }: BillChoice): boolean {
  const { from, usagePoint }: NamedBill = billNamed(stream);
  if (startDay !== undefined && Number(from.slice(-2)) !== startDay) return false;
  if (point !== undefined && usagePoint !== point) return false;
  return period === undefined || (MONTH.test(period) ? from.startsWith(period) : from <= period);
}

/** Whether a bill that may be meant has the day that is named. */
export function hasDay(state: BillState, { period }: BillChoice): boolean {
  const until = endOf(state);
  return period === undefined || MONTH.test(period) || (until !== undefined && period < until);
}

/** The first day after the bill, whose days need not be a month; undefined where nothing was rated yet. */
export function endOf({ held, billed }: BillState): string | undefined {
  return (billed?.statement.period ?? held?.period)?.until;
}

/** Noon of a day, or now. @param at UTC ms of the day's begin */
export function clockAt(at: number | undefined): Clock {
  return at === undefined ? { now: () => Date.now() } : { now: () => at + HALF_DAY_MS };
}
