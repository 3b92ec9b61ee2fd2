import type { Method } from './gap.ts';

/** E8: the average of a day, spread evenly. A day of 23 or 25 hours gets less or more. */
export const flatAverage: Method = ({ day, history, from, until }) => {
  if (history.averageDaily === undefined) return undefined;
  const perSlot = (history.averageDaily * day.minutes) / 1440;
  return { source: 'E8', values: new Float64Array(until - from).fill(perSlot), inputs: `${history.averageDaily} a day` };
};
