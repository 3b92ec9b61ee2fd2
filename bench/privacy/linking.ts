import { type PseudoHome, WEEK } from './population.ts';
import { averageWeek, correlation } from './statistics.ts';

const DAY = 48;

/** Share of homes that consecutive readings single out, of all places of the series, where each is known to 1 Wh. */
export function unicity(homes: readonly PseudoHome[], consecutive: number): number {
  const places = homes[0]!.values.length - consecutive + 1;
  let unique = 0;
  for (let at = 0; at < places; at++) {
    const seen = new Map<string, number>();
    const keys = homes.map(({ values }) => values.subarray(at, at + consecutive).join());
    for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
    unique += keys.filter((key) => seen.get(key) === 1).length;
  }
  return unique / (places * homes.length);
}

/**
 * Share of homes that are recognised in the next week under a new pseudonym, by level and shape of their mean day.
 * @param homes of whole weeks, all the same ones
 */
export function relinked(homes: readonly PseudoHome[]): number {
  const weeks = homes[0]!.values.length / WEEK;
  let hits = 0;
  let tries = 0;
  for (let week = 0; week + 1 < weeks; week++) {
    const [before, after] = [week, week + 1].map((at) =>
      homes.map(({ values }) => meanDay(values.subarray(at * WEEK, (at + 1) * WEEK))),
    ) as [Profile[], Profile[]];
    for (const [i, profile] of before.entries()) {
      const nearest = after.map((other) => distance(profile, other));
      hits += Number(nearest.indexOf(Math.min(...nearest)) === i);
      tries++;
    }
  }
  return hits / tries;
}

type Profile = Float64Array;

/** Logarithms, so that level and shape both count. */
function meanDay(week: Float64Array): Profile {
  return averageWeek(week, DAY)
    .subarray(0, DAY)
    .map((value) => Math.log(value + 20));
}

function distance(a: Profile, b: Profile): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) * (2 - correlation(a, b));
}
