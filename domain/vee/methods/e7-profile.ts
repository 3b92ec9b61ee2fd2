import type { Method } from './gap.ts';

/** E7: the shape of the class, as high as the channel uses on average. */
export const classProfile: Method = ({ history, from, until }) => {
  const { classProfile: profile, averageDaily } = history;
  if (profile === undefined || averageDaily === undefined) return undefined;
  const sum = profile.wholeDay ?? profile.weights.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0)) return undefined;
  const values = profile.weights.slice(from, until).map((weight) => (weight * averageDaily) / sum);
  return { source: 'E7', values, inputs: `${profile.name}, ${averageDaily} a day` };
};
