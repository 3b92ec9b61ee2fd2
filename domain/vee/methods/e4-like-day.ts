import type { Method } from './gap.ts';
import { likeDay } from './like-days.ts';

const SUNDAY = 7;
const TUESDAY = 2;
const THURSDAY = 4;

/**
 * E4: one like day. A holiday is like last Sunday; any other day like the same day last week; Tuesday to Thursday, where last week's
 * will not do, like each other.
 */
export const oneLikeDay: Method = (gap) => {
  const { weekday, holiday } = gap.history;
  const found = holiday
    ? likeDay(gap, (day) => day.weekday === SUNDAY && day.daysBack <= 7)
    : (likeDay(gap, (day) => day.daysBack === 7) ??
      (isMidweek(weekday) ? likeDay(gap, (day) => isMidweek(day.weekday) && day.daysBack <= 8) : undefined));
  return found && { source: 'E4', values: found.values, inputs: found.date };
};

function isMidweek(weekday: number): boolean {
  return weekday >= TUESDAY && weekday <= THURSDAY;
}
