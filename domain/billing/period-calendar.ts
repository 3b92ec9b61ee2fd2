import { JoulekeepError } from '../../events/index.ts';
import { addDays, addMonths, dayNumber } from '../tariff/dates.ts';

/** Local dates; `until` is the first day after. */
export interface PeriodDates {
  readonly from: string;
  readonly until: string;
}

/**
 * The monthly billing period that a local date lies in.
 * @param startDay day of the month on which periods begin, 1 to 28
 * @throws ERR_PERIOD_START for another start day, ERR_DATE_INVALID
 */
export function periodOf(date: string, startDay: number): PeriodDates {
  if (!Number.isInteger(startDay) || startDay < 1 || startDay > 28) {
    throw new JoulekeepError('ERR_PERIOD_START', `periods begin on a day from 1 to 28, not ${startDay}: every month has it`);
  }
  const inMonth = `${date.slice(0, 8)}${String(startDay).padStart(2, '0')}`;
  dayNumber(date);
  const from = date >= inMonth ? inMonth : addMonths(inMonth, -1);
  return { from, until: addMonths(from, 1) };
}

export function daysOf({ from, until }: PeriodDates): string[] {
  const days: string[] = [];
  for (let day = from; day < until; day = addDays(day, 1)) days.push(day);
  return days;
}
