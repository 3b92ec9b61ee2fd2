import type { Method } from './gap.ts';

/** E10: zero, for a person to look at: nothing is known. */
export const zeroForReview: Method = ({ from, until }) => ({
  source: 'E10',
  values: new Float64Array(until - from),
  inputs: 'nothing known',
});
