import type { Method } from './gap.ts';
import { sliceOf } from './like-days.ts';

/** E3: average of the last valid days of the same weekday, from the policy's number on; holidays only with holidays. */
export const averageOfLikeDays: Method = (gap) => {
  const { history, policy, from, until } = gap;
  const { likeDays, likeWeeks } = policy.estimation;
  const values = new Float64Array(until - from);
  const dates: string[] = [];
  for (const day of history.days) {
    const like = day.weekday === history.weekday && day.holiday === history.holiday;
    if (!day.usable || !like || day.daysBack <= 0 || day.daysBack > likeWeeks * 7) continue;
    const slice = sliceOf(day, gap);
    if (!slice) continue;
    dates.push(day.date);
    for (let i = 0; i < values.length; i++) values[i]! += slice[i]!;
  }
  if (dates.length < likeDays) return undefined;
  return { source: 'E3', values: values.map((sum) => sum / dates.length), inputs: dates.join(' ') };
};
