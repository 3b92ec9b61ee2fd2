import { lineBetween } from './e2-linear.ts';
import type { Method } from './gap.ts';
import { type Moment, momentsLike, weightsAt } from './moments.ts';
import { equalQuantiles, type Spread, spreadOf } from './quantiles.ts';
import { seriesAround } from './series.ts';

/** Weight of the straight line beside a moment that agrees in everything. Where no moment is like the gap, the line is what remains. */
const LINE = 0.05;
/** Days named in what was looked at. */
const NAMED = 3;

/**
 * E3 where registers give the total: moments of other days (the same time of day or up to an hour beside it) that began, ended and came
 * to as much as this gap, each as tall as the total, and the straight line. A slot near an end listens to moments that were alike at that
 * end, one in the middle to those that came to as much. Of what a slot may thus have been, all slots take the same quantile.
 */
export const likeMoments: Method = (gap) => {
  const { day, history, policy, from, until, total } = gap;
  const usable = history.days.filter((other) => other.usable && other.daysBack !== 0).length;
  if (total < 0 || usable < policy.estimation.likeDays) return undefined;
  const k = until - from;
  if (total === 0) return { source: 'E3', values: new Float64Array(k), inputs: 'nothing used' };
  const series = seriesAround(gap);
  const moments = momentsLike(gap, series);
  if (moments.length === 0) return undefined;
  const line = inProportion(lineBetween(gap) ?? new Float64Array(k).fill(1), total);
  const weightOfDay = new Map<number, number>();
  const spreads: Spread[] = [];
  for (let i = 0; i < k; i++) {
    const weights = weightsAt(moments, i, k, day.minutes);
    for (const [m, { daysBack }] of moments.entries()) weightOfDay.set(daysBack, (weightOfDay.get(daysBack) ?? 0) + weights[m]!);
    const values = moments.map((moment) => scaledValue(moment, series.values, i, k, total));
    spreads.push(spreadOf([...values, line[i]!], [...weights, LINE]));
  }
  return { source: 'E3', values: equalQuantiles(spreads, total), inputs: named(weightOfDay, series.dates) };
};

function scaledValue(moment: Moment, values: Float64Array, i: number, k: number, total: number): number {
  return moment.total > 0 ? (values[moment.at + i]! * total) / moment.total : total / k;
}

function inProportion(values: Float64Array, total: number): Float64Array {
  const sum = values.reduce((all, value) => all + value, 0);
  return values.map((value) => (sum > 0 ? (value * total) / sum : total / values.length));
}

function named(weightOfDay: ReadonlyMap<number, number>, dates: ReadonlyMap<number, string>): string {
  const first = [...weightOfDay].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, NAMED);
  return `moments of ${weightOfDay.size} days, most like ${first.map(([daysBack]) => dates.get(daysBack)).join(' ')}`;
}
