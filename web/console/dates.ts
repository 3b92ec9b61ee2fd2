import { dateRange, dateTime, month, shortDate, weekday } from '../shared/format.ts';
import { localDayOf } from '../shared/local-date.ts';
import { UTC } from './desk.ts';
import { t } from './text.ts';

/** The one form of dates and times at the console, e.g. `26 Nov 2026, 13:45`: a month is a word, and the page says once by which clock. */

const NOON = 'T12:00:00Z';
const DATE_LENGTH = 10;

/** E.g. `26 Nov 2026, 13:45`. @param at ISO 8601 */
export function instantText(at: string, zone: string): string {
  return dateTime(at, { zone });
}

/** E.g. `26 Nov 2026`; of a meter day that a tenancy divides, which part of it. @param day local date or name of a meter day */
export function dayText(day: string): string {
  const [date, part] = [day.slice(0, DATE_LENGTH), day.slice(DATE_LENGTH + 1)];
  const said = dateRange(date, date);
  return part === '' ? said : `${said}, ${t('day.part', { part })}`;
}

/** The day of an instant. @param at ISO 8601 */
export function dayOfInstant(at: string, zone: string): string {
  return dayText(localDayOf(at, zone));
}

/** E.g. `26 – 28 Nov 2026`. @param last local date, included */
export function daysText(first: string, last: string): string {
  return dateRange(first, last);
}

/** E.g. `Thursday, 26 Nov 2026`. */
export function weekdayText(day: string): string {
  return `${weekday(`${day}${NOON}`, UTC)}, ${dayText(day)}`;
}

/** E.g. `Thu`, above a column of a calendar. */
export function columnText(day: string): string {
  return weekday(`${day}${NOON}`, { ...UTC, style: 'short' });
}

/** E.g. `26 Nov`, where there is no room for the year. */
export function shortDayText(day: string): string {
  return shortDate(`${day.slice(0, DATE_LENGTH)}${NOON}`, UTC);
}

/** E.g. `November 2026`. @param of `2026-11` */
export function monthText(of: string): string {
  return month(`${of}-15${NOON}`, UTC);
}
