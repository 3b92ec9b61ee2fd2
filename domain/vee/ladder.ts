import { checkMeter } from './methods/e1-check-meter.ts';
import { linear } from './methods/e2-linear.ts';
import { averageOfLikeDays } from './methods/e3-average.ts';
import { oneLikeDay } from './methods/e4-like-day.ts';
import { lastYear } from './methods/e5-last-year.ts';
import { classProfile } from './methods/e7-profile.ts';
import { flatAverage } from './methods/e8-flat.ts';
import { splitCoarser } from './methods/e9-split.ts';
import { zeroForReview } from './methods/e10-zero.ts';
import type { Estimate, Gap, Method } from './methods/gap.ts';
import { likeMoments } from './methods/like-moments.ts';

/** Measured by another meter or over a longer interval: before every guess. */
const MEASURED_OTHERWISE: readonly Method[] = [checkMeter, splitCoarser];
const FROM_AVERAGES: readonly Method[] = [averageOfLikeDays, oneLikeDay, lastYear, classProfile, flatAverage, zeroForReview];

/** First that applies. Where registers give the gap's total and there are days to learn from, moments like it come before the line. */
const LADDER: readonly Method[] = [...MEASURED_OTHERWISE, likeMoments, linear, ...FROM_AVERAGES];
/** Nothing came after the gap: no other end to draw a line to. */
const FORWARD: readonly Method[] = [...MEASURED_OTHERWISE, ...FROM_AVERAGES];

/** Methods a person may ask for by name; outages and agreed values have their own way. */
export const METHODS = {
  E1: checkMeter,
  E2: linear,
  E3: averageOfLikeDays,
  E4: oneLikeDay,
  E5: lastYear,
  E7: classProfile,
  E8: flatAverage,
  E9: splitCoarser,
  E10: zeroForReview,
} as const satisfies Readonly<Record<string, Method>>;

export type ChosenMethod = keyof typeof METHODS;

/** The estimate of the first method that applies; E10 always does. With nothing after the gap it is a forward estimate (EX). */
export function climb(gap: Gap): Estimate {
  const forward = gap.history.silent && gap.until === gap.day.n && gap.total < 0;
  for (const method of forward ? FORWARD : LADDER) {
    const estimate = method(gap);
    if (estimate === undefined) continue;
    const guessed = forward && estimate.source !== 'E1' && estimate.source !== 'E9';
    return guessed ? { ...estimate, source: 'EX', inputs: `${estimate.source} ${estimate.inputs}` } : estimate;
  }
  return zeroForReview(gap)!;
}
