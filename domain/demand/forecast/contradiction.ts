/** The 90 % band of an interval, Wh. */
export interface DemandBand {
  readonly lowWh: number;
  readonly highWh: number;
}

/** On which side of its band a value lies, and so far off that it counts. */
export type Side = 'above' | 'below';

/**
 * One value in ten lies outside a band of 90 %, and on a strange day one after the other does. A value counts when it is farther from the band's middle than this
 * many times half its width, and contradicts when all did for so long. Both were chosen on the years before those of the score.
 */
const FAR = 1.75;
const PERSISTENT_MINUTES = 120;
const FEWEST = 2;
/** Wh: a band may be as narrow as nothing. */
const LEAST_HALF = 1;

/** @returns undefined for what may happen by chance: inside the band, or not far outside */
export function farSide(valueWh: number, { lowWh, highWh }: DemandBand): Side | undefined {
  const off = valueWh - (lowWh + highWh) / 2;
  if (Math.abs(off) < FAR * Math.max((highWh - lowWh) / 2, LEAST_HALF)) return undefined;
  return off > 0 ? 'above' : 'below';
}

/** Intervals in a row that must be far on the same side before they contradict. */
export function persistentIntervals(intervalMinutes: number): number {
  return Math.max(FEWEST, Math.ceil(PERSISTENT_MINUTES / intervalMinutes));
}
