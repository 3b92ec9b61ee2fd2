import type { Method } from './gap.ts';
import { sliceOf } from './like-days.ts';

/** E5: the same weekday and season of last year. */
export const lastYear: Method = (gap) => {
  const day = gap.history.lastYear;
  const values = day?.usable ? sliceOf(day, gap) : undefined;
  return values && { source: 'E5', values, inputs: day!.date };
};
