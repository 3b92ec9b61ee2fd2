import type { Usage, UsageQuery } from '../../api/customer-usage.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { daysBetween, localDay } from '../shared/days/local-days.ts';
import type { Desk } from './desk.ts';
import { type Dates, type HomeDay, openOwn, ownSpans, usageOf } from './home-usage.ts';
import type { OwnPremises } from './premises.ts';
import { minutesAt, pricedDays, rowsOf } from './rows.ts';

/** Days that may be asked for at once. */
const MOST_DAYS: Readonly<Record<UsageQuery['resolution'], number>> = { interval: 31, hour: 31, day: 400, month: 36 * 31 };

/** Usage by interval, hour, day or month. @throws ERR_PREMISES_UNKNOWN, ERR_DATES_REFUSED */
export async function showUsage(desk: Desk, { caller, path, query }: Call<'showUsage'>): Promise<Answer> {
  const { resolution, from, until } = query;
  const own = await desk.premises.one(caller.person, path.usagePoint);
  const dates = checkedDates({ from, until }, MOST_DAYS[resolution]);
  const { point } = own;
  const days = await pricedDays(desk, point, await daysOf(desk, own, dates));
  const now = Math.floor(desk.clock.now() / 1000);
  const rows = rowsOf({ point, resolution, spans: ownSpans(own, dates, desk.clock.now()) }, days, edgeOf(own, dates));
  const body: Usage = {
    ...{ usagePoint: point.usagePoint, zone: point.zone, currency: await desk.prices.currencyOf(point, from) },
    ...{ resolution, intervalMinutes: minutesAt(point, now), from, until, rows },
  };
  return { body };
}

/** Days of the dates that are the customer's. */
export async function daysOf(desk: Desk, own: OwnPremises, dates: Dates): Promise<readonly HomeDay[]> {
  const access = await openOwn(desk, own, dates);
  return access === undefined ? [] : await usageOf(desk, own, dates, access);
}

/** How far the last row may go: to the end of what was asked for or of the tenancy. UTC ms. */
export function edgeOf({ point, spans }: OwnPremises, { until }: Dates): number {
  return Math.min(localDay(until, point.zone).start * 1000, spans.at(-1)?.until ?? Infinity);
}

/** @throws ERR_DATES_REFUSED */
export function checkedDates(dates: Dates, most: number): Dates {
  const count = daysBetween(dates.from, dates.until);
  if (count < 1 || count > most) throw new JoulekeepError('ERR_DATES_REFUSED', `1 to ${most} days are told at once`);
  return dates;
}
