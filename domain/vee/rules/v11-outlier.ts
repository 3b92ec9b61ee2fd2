import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';

const BIT = ruleBit('V11');
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const NORMAL = 1.4826;

/**
 * V11: a value far from the median of the slots around it, measured in their median absolute deviation. The window is kept sorted
 * while it moves, one value out and one in; a bound on the deviation from two of its ranks settles nearly all slots.
 */
export function outlierCheck(day: ChannelDay, { validation }: VeePolicy): void {
  const { n, counts, warnings, sorted } = day;
  const factor = validation.outlierFactor * NORMAL;
  const floor = validation.outlierFloorWh / day.whPerCount;
  const least = factor * floor;
  if (day.seen.most - day.seen.least <= least) return;
  const w = validation.outlierWindow;
  let m = 0;
  for (let i = 0; i < w && i < n; i++) if (counts[i] !== NO_COUNTS) insert(sorted, m++, counts[i]!);
  for (let i = 0; i < n; i++) {
    const enters = i + w < n ? counts[i + w]! : NO_COUNTS;
    const leaves = i > w ? counts[i - w - 1]! : NO_COUNTS;
    if (enters !== NO_COUNTS && leaves !== NO_COUNTS) replace(sorted, m, leaves, enters);
    else if (enters !== NO_COUNTS) insert(sorted, m++, enters);
    else if (leaves !== NO_COUNTS) remove(sorted, m--, leaves);
    const x = counts[i]!;
    if (x === NO_COUNTS) continue;
    const median = (sorted[(m - 1) >> 1]! + sorted[m >> 1]!) / 2;
    const distance = Math.abs(x - median);
    if (distance <= least || distance <= factor * leastDeviation(sorted, m, median)) continue;
    if (distance > factor * Math.max(medianDeviation(sorted, m, median), floor)) warnings[i]! |= BIT;
  }
}

/**
 * The half of the window nearest to the median lies together in sorted order, so at least a quarter of the window lies on one side:
 * the deviation is no less than the smaller one at those two ranks.
 */
function leastDeviation(sorted: Uint32Array, m: number, median: number): number {
  const quarter = (((m + 1) >> 1) + 1) >> 1;
  return Math.min(median - sorted[((m - 1) >> 1) - quarter + 1]!, sorted[(m >> 1) + quarter - 1]! - median);
}

/** Median of the distances to the median: the sorted window read outward from its middle. */
function medianDeviation(sorted: Uint32Array, m: number, median: number): number {
  let below = (m - 1) >> 1;
  let above = below + 1;
  let last = 0;
  let previous = 0;
  for (let taken = 0; taken <= m >> 1; taken++) {
    const down = below >= 0 ? median - sorted[below]! : Infinity;
    const up = above < m ? sorted[above]! - median : Infinity;
    previous = last;
    if (down <= up) {
      last = down;
      below--;
    } else {
      last = up;
      above++;
    }
  }
  return m % 2 === 1 ? last : (previous + last) / 2;
}

function insert(sorted: Uint32Array, m: number, x: number): void {
  let at = m;
  while (at > 0 && sorted[at - 1]! > x) {
    sorted[at] = sorted[at - 1]!;
    at--;
  }
  sorted[at] = x;
}

function remove(sorted: Uint32Array, m: number, x: number): void {
  let at = 0;
  while (sorted[at] !== x) at++;
  for (; at < m - 1; at++) sorted[at] = sorted[at + 1]!;
}

function replace(sorted: Uint32Array, m: number, leaves: number, enters: number): void {
  if (enters === leaves) return;
  if (enters > leaves) {
    let at = 0;
    while (sorted[at]! !== leaves) at++;
    for (; at < m - 1 && sorted[at + 1]! < enters; at++) sorted[at] = sorted[at + 1]!;
    sorted[at] = enters;
  } else {
    let at = m - 1;
    while (sorted[at]! !== leaves) at--;
    for (; at > 0 && sorted[at - 1]! > enters; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = enters;
  }
}
