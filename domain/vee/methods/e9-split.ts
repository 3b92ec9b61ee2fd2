import { NO_COUNTS } from '../../../events/index.ts';
import type { Method } from './gap.ts';

/** E9: a reading of a longer interval, split over its slots: the sum is kept, the remainder goes to the first ones. Needs the whole interval in the gap. */
export const splitCoarser: Method = ({ history, from, until }) => {
  const { coarser } = history;
  if (coarser === undefined || from % coarser.slots !== 0 || until % coarser.slots !== 0) return undefined;
  const values = new Float64Array(until - from);
  for (let start = from; start < until; start += coarser.slots) {
    const sum = coarser.counts[start / coarser.slots] ?? NO_COUNTS;
    if (sum === NO_COUNTS) return undefined;
    values.set(splitEvenly(sum, coarser.slots), start - from);
  }
  return { source: 'E9', values, inputs: `readings of ${coarser.slots} slots` };
};

/** Whole parts of a whole sum. */
export function splitEvenly(sum: number, parts: number): number[] {
  const share = Math.floor(sum / parts);
  return Array.from({ length: parts }, (_, i) => share + (i < sum - share * parts ? 1 : 0));
}
