import { dueUntil } from '../../domain/demand/lateness.ts';
import type { ForecastIssue } from '../../events/index.ts';
import { localDayAt, localTime, plusDays } from '../shared/days/local-days.ts';

/** A forecast that can be made. */
export interface DueIssue {
  readonly issue: ForecastIssue;
  /** The day that is forecast, `yyyy-mm-dd`. */
  readonly day: string;
  readonly knownSlots: number;
}

/** By the clock of the zone: what was measured until then goes into the forecast of the next day. */
const DAY_AHEAD_HOUR = 10;
const HOURS = 24;

/**
 * What is due: the forecast of tomorrow as soon as demand until 10:00 is told, that of today as soon as all of yesterday's is. A run that
 * was missed is made up for as long as the day is not over.
 * @param now UTC ms
 */
export function dueIssues(now: number, zone: string, intervalMinutes: number): readonly DueIssue[] {
  const slotsPerHour = 60 / intervalMinutes;
  const { day: today, start } = localDayAt(Math.floor(now / 1000), zone);
  const told = dueUntil(now, intervalMinutes);
  const due: DueIssue[] = [];
  if (told >= start) due.push({ issue: 'midnight', day: today, knownSlots: HOURS * slotsPerHour });
  if (told * 1000 >= localTime(today, `${DAY_AHEAD_HOUR}:00`, zone)) {
    due.push({ issue: 'day-ahead', day: plusDays(today, 1), knownSlots: DAY_AHEAD_HOUR * slotsPerHour });
  }
  return due;
}
