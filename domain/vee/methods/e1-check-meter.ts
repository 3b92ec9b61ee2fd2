import type { Method } from './gap.ts';
import { sliceOf } from './like-days.ts';

/** E1: what a check meter on the same supply has. */
export const checkMeter: Method = (gap) => {
  const other = gap.history.checkMeter;
  const values = other?.usable ? sliceOf(other, gap) : undefined;
  return values && { source: 'E1', values, inputs: 'check meter' };
};
