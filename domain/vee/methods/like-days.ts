import { NO_COUNTS } from '../../../events/index.ts';
import type { LikeDay } from '../history.ts';
import type { Gap } from './gap.ts';

/** What a day used at the times of the gap. @returns undefined when it lacks one of them */
export function sliceOf(other: LikeDay, { from, until }: Gap): Float64Array | undefined {
  const values = new Float64Array(until - from);
  for (let i = from; i < until; i++) {
    const counts = other.counts[i] ?? NO_COUNTS;
    if (counts === NO_COUNTS) return undefined;
    values[i - from] = counts;
  }
  return values;
}

/** A usable earlier day's slice, with its date. */
export function likeDay(gap: Gap, wanted: (day: LikeDay) => boolean): { date: string; values: Float64Array } | undefined {
  for (const day of gap.history.days) {
    if (!day.usable || day.daysBack <= 0 || !wanted(day)) continue;
    const values = sliceOf(day, gap);
    if (values) return { date: day.date, values };
  }
  return undefined;
}
