import { NO_COUNTS } from '../../../events/index.ts';
import { type Gap, lengthMinutes, type Method, outageAt, validAt } from './gap.ts';

/** E2: a straight line between the valid slots at the two ends of a short gap; none when an outage touches an end. */
export const linear: Method = (gap) => {
  if (lengthMinutes(gap) > gap.policy.estimation.linearMinutes) return undefined;
  if (outageAt(gap, gap.from - 1) || outageAt(gap, gap.until)) return undefined;
  const values = lineBetween(gap);
  return values && { source: 'E2', values, inputs: `${validAt(gap, gap.from - 1)} to ${validAt(gap, gap.until)}` };
};

/** The line itself, for any length. @returns undefined without a valid value at both ends */
export function lineBetween(gap: Gap): Float64Array | undefined {
  const { from, until } = gap;
  const left = validAt(gap, from - 1);
  const right = validAt(gap, until);
  if (left === NO_COUNTS || right === NO_COUNTS) return undefined;
  const steps = until - from + 1;
  return Float64Array.from({ length: until - from }, (_, i) => left + ((right - left) * (i + 1)) / steps);
}
