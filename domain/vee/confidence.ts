import type { SlotSource } from '../../events/index.ts';

/** Lengths of the gaps that were measured, hours. */
const HOURS = [0.5, 1, 2, 3, 6, 12, 24] as const;

/**
 * Mean absolute error over the home's mean load, per cent, at those lengths: `npm run score:vee` on 80 London homes, half-hourly, 40,000
 * gaps, seed 1. A single half-hour between two registers has no error.
 */
const LINE = [39, 41, 48, 51, 58, 63, 69];
const AVERAGE = [51, 52, 52, 55, 55, 56, 51];
const ONE_DAY = [60, 60, 60, 62, 63, 65, 58];
const FLAT = [62, 62, 63, 63, 63, 63, 62];
const LINE_SCALED = [0, 20, 31, 36, 44, 52, 59];
const MOMENTS_SCALED = [0, 18, 26, 32, 38, 43, 41];
const ONE_DAY_SCALED = [0, 28, 40, 46, 52, 59, 54];
const FLAT_SCALED = [0, 22, 33, 38, 46, 54, 56];

/** Which measured error stands for a source without registers and with them. Last year's day was not measured and counts as one like day, a class profile as flat. */
const ERRORS: Readonly<Partial<Record<SlotSource, { readonly free: readonly number[]; readonly scaled: readonly number[] }>>> = {
  E2: { free: LINE, scaled: LINE_SCALED },
  E3: { free: AVERAGE, scaled: MOMENTS_SCALED },
  E4: { free: ONE_DAY, scaled: ONE_DAY_SCALED },
  E5: { free: ONE_DAY, scaled: ONE_DAY_SCALED },
  E7: { free: FLAT, scaled: FLAT_SCALED },
  E8: { free: FLAT, scaled: FLAT_SCALED },
  // The sum was measured, its shape was not.
  E9: { free: FLAT_SCALED, scaled: FLAT_SCALED },
  EX: { free: ONE_DAY, scaled: ONE_DAY_SCALED },
};

/** Sources without a measured error, per cent: an outage told of, another meter, nothing at all, what people agreed on. */
const STATED: Readonly<Partial<Record<SlotSource, number>>> = { measured: 100, E0: 95, E1: 95, E10: 5, E11: 100 };

/** 100 less the measured error of the method at the next longer gap. @returns per cent, 0 for what has no value to trust */
export function confidenceOf(source: SlotSource, scaled: boolean, gapMinutes: number): number {
  const errors = ERRORS[source];
  if (errors === undefined) return STATED[source] ?? 0;
  const length = HOURS.findIndex((hours) => gapMinutes <= hours * 60);
  return 100 - (scaled ? errors.scaled : errors.free).at(length)!;
}
