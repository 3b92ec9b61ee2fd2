import type { Gap } from './gap.ts';
import { HOLE, type Series, slotsOf } from './series.ts';

/**
 * How much a moment of another day counts. Found on the London homes at half-hours (`npm run score:vee`), gaps of 1 h and 6 h;
 * differences are in units of the load around the gap, time in minutes.
 */
const LIKENESS = {
  /** A moment may begin earlier or later by this, and counts less by 1/e an hour. */
  shiftMinutes: 60,
  shiftFadesMinutes: 60,
  /** At most so many places to each side, however short the slots are. */
  shifts: 4,
  /** The same weekday counts so many times. */
  sameWeekday: 3,
  /** The weight falls by 1/e for a difference of a tenth of the load. */
  width: 0.1,
  /** Share of the channel's mean in "the load around the gap", so that quiet gaps are not judged by nothing. */
  meanShare: 0.3,
  /** First, second and third slot outside an end. */
  ends: [1, 0.3, 0.3],
  /** What the difference at an end means for a slot at that end, beyond what it means for all; fades by 1/e an hour inwards. */
  nearEnd: 1,
  everywhere: 0.2,
  fadesMinutes: 60,
} as const;

/** A stretch of another day as long as the gap, with no hole in it. */
export interface Moment {
  /** Its first slot in the series. */
  readonly at: number;
  readonly daysBack: number;
  readonly total: number;
  /** How it differs from the gap at its left end, its right end and in its total. */
  readonly left: number;
  readonly right: number;
  readonly sum: number;
  /** Weight before any difference. */
  readonly weight: number;
}

/** Every stretch of the other days at about the gap's time of day. */
export function momentsLike(gap: Gap, series: Series): Moment[] {
  const { day, from, until, total } = gap;
  const k = until - from;
  const start = series.own + from;
  const load = loadAround(gap, series, start, k);
  const shift = slotsOf(LIKENESS.shiftMinutes, day);
  const step = Math.max(1, Math.floor(shift / LIKENESS.shifts));
  const moments: Moment[] = [];
  for (const daysBack of series.dates.keys()) {
    if (daysBack === 0) continue;
    for (let by = -step * Math.floor(shift / step); by <= shift; by += step) {
      const at = start - daysBack * day.n + by;
      const sum = sumOf(series.values, at, k);
      if (sum === HOLE) continue;
      const left = endDifference(series.values, start - 1, at - 1, -1);
      const right = endDifference(series.values, start + k, at + k, 1);
      if (left === HOLE || right === HOLE) continue;
      const shifted = Math.exp((-Math.abs(by) * day.minutes) / LIKENESS.shiftFadesMinutes);
      const weight = shifted * (daysBack % 7 === 0 ? LIKENESS.sameWeekday : 1);
      moments.push({ at, daysBack, total: sum, left: left / load, right: right / load, sum: Math.abs(sum - total) / k / load, weight });
    }
  }
  return moments;
}

/** Weights of the moments for slot i of a gap of k slots. */
export function weightsAt(moments: readonly Moment[], i: number, k: number, minutes: number): number[] {
  const { nearEnd, everywhere, fadesMinutes, width } = LIKENESS;
  const atLeft = everywhere + nearEnd * Math.exp((-i * minutes) / fadesMinutes);
  const atRight = everywhere + nearEnd * Math.exp((-(k - 1 - i) * minutes) / fadesMinutes);
  return moments.map(({ weight, left, right, sum }) => weight * Math.exp(-(atLeft * left + atRight * right + sum) / width));
}

/** Average of the gap and of its two ends, and some of the mean. */
function loadAround({ total }: Gap, { values, mean }: Series, start: number, k: number): number {
  const inside = total / k;
  const left = valueAt(values, start - 1);
  const right = valueAt(values, start + k);
  return inside + ((left === HOLE ? inside : left) + (right === HOLE ? inside : right)) / 2 + LIKENESS.meanShare * mean;
}

function sumOf(values: Float64Array, at: number, k: number): number {
  if (at < 0 || at + k > values.length) return HOLE;
  let sum = 0;
  for (let i = at; i < at + k; i++) {
    if (values[i]! < 0) return HOLE;
    sum += values[i]!;
  }
  return sum;
}

/**
 * Differences of the slots outside an end. Where the gap has no valid end nothing differs; where the moment lacks one that the gap has,
 * it can't be judged: HOLE.
 */
function endDifference(values: Float64Array, here: number, there: number, step: number): number {
  let ours = valueAt(values, here);
  if (ours === HOLE) return 0;
  let theirs = valueAt(values, there);
  if (theirs === HOLE) return HOLE;
  let difference = 0;
  for (const [i, share] of LIKENESS.ends.entries()) {
    const ourNext = valueAt(values, here + i * step);
    const theirNext = valueAt(values, there + i * step);
    if (ourNext !== HOLE) ours = ourNext;
    if (theirNext !== HOLE) theirs = theirNext;
    difference += share * Math.abs(ours - theirs);
  }
  return difference;
}

function valueAt(values: Float64Array, at: number): number {
  return values[at] ?? HOLE;
}
