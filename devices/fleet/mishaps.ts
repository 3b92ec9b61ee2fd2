import type { Measured, Town } from './town.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Homes by their number, on a day of the town, its first being 0. */
interface Mishap {
  readonly day: number;
  readonly homes: readonly number[];
}

/** More than any fuse of a home lets through, Wh: the service holds the interval, and a person has to look. */
const SPIKE_WH = 15_000;
const SPIKES: readonly Mishap[] = [
  { day: 2, homes: [3, 6, 8] },
  { day: 4, homes: [10] },
];
/** The interval that ends so long behind the begin of the day. */
const SPIKE_MS = 18 * HOUR_MS;

/** Intervals that a meter kept no value of, while its register went on: the service estimates them. */
const LOSSES: readonly Mishap[] = [
  { day: 3, homes: [5, 12] },
  { day: 5, homes: [5] },
];
const LOST_FROM_MS = 2 * HOUR_MS;
const LOST_TO_MS = 5 * HOUR_MS;

/**
 * The town as its meters tell of it, where some go wrong that nobody attacked: work for operators. Never at the first home, which is the one
 * that customers are shown by.
 */
export function withMishaps(town: Town): Town {
  const { start } = town;
  const isHit = ({ day, homes }: Mishap, home: number, end: number) =>
    homes.includes(home) && end > start + day * DAY_MS && end <= start + (day + 1) * DAY_MS;
  return {
    ...town,
    measured(home, channel, end): Measured | undefined {
      const measured = town.measured(home, channel, end);
      if (measured === undefined) return undefined;
      const time = (end - start) % DAY_MS;
      if (channel === 0 && time === SPIKE_MS && SPIKES.some((mishap) => isHit(mishap, home, end)))
        return { value: SPIKE_WH, advance: SPIKE_WH };
      const isLost = time > LOST_FROM_MS && time <= LOST_TO_MS && LOSSES.some((mishap) => isHit(mishap, home, end));
      return isLost ? { ...measured, value: null } : measured;
    },
  };
}
