import { weekdayOf } from './dates.ts';
import type { Season, TariffCalendar, When } from './tariff.ts';

const MIDNIGHT = 1440;

/** What a rule asks of a local date; made once per day. */
export interface LocalDay {
  /** `yyyy-mm-dd`. */
  readonly date: string;
  /** 1 = Monday. */
  readonly weekday: number;
  readonly holiday: boolean;
  readonly seasons: ReadonlySet<string>;
}

export function localDayOf(date: string, calendar: TariffCalendar): LocalDay {
  const monthDay = date.slice(5);
  const seasons = calendar.seasons.filter((season) => seasonHolds(season, monthDay)).map(({ name }) => name);
  return { date, weekday: weekdayOf(date), holiday: calendar.holidays.includes(date), seasons: new Set(seasons) };
}

/** @param minute local minute of the day, 0 to 1439 */
export function applies(when: When, day: LocalDay, minute: number): boolean {
  return appliesToDay(when, day) && appliesToMinute(when, minute);
}

function appliesToDay({ weekdays, season, holidays }: When, day: LocalDay): boolean {
  if (weekdays !== undefined && !weekdays.includes(day.weekday)) return false;
  if (season !== undefined && !day.seasons.has(season)) return false;
  return holidays === undefined || (holidays === 'only') === day.holiday;
}

function appliesToMinute({ from = 0, until = MIDNIGHT }: When, minute: number): boolean {
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

function seasonHolds({ from, until }: Season, monthDay: string): boolean {
  return from <= until ? monthDay >= from && monthDay <= until : monthDay >= from || monthDay <= until;
}
