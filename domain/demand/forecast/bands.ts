/**
 * Bands by split-conformal prediction: how far forecasts that were made without knowing the outcome were off lately, at that time of the
 * day, says how far the next may be. It needs no shape of the errors, and what it promises, it promises on average over days like the
 * recent ones.
 */
export interface ErrorWindow {
  /** Actual less forecast, in units of `errorUnit`, by day and slot, oldest day first; NaN = not known. */
  readonly errors: readonly Float32Array[];
}

/** What is added to a forecast, in units of `errorUnit`. low <= 0 <= high. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** Of the mean demand: where homes give back about as much as they take, errors don't shrink with the net. */
const LEAST_UNIT = 0.1;

/** Errors grow with demand: Wh that count as 1. @param scaleWh mean demand of a slot */
export function errorUnit(forecastWh: number, scaleWh: number): number {
  return Math.max(forecastWh, LEAST_UNIT * scaleWh);
}

/** Days whose errors count. */
export const CALIBRATION_DAYS = 112;
/** Minutes on both sides of a slot whose errors count for it: the nearest that are enough, for what is off at noon says little of the evening. */
const REACHES_MINUTES = [60, 120, 240, 1440] as const;
/** Of the outcomes, outside the band on each side. */
const TAIL = 0.05;
/** Fewer errors can't show a tail of one in twenty. */
const FEWEST = 20;
/**
 * Slots of a day are off together, so that many errors of few days say little; and what forecast the first days of an area knew one or two days
 * itself, and was off by multiples of what comes now. An area has so many from 18 days of history on.
 */
const FEWEST_DAYS = 6;

/** The 90 % band of a slot; where its own time of the day has too few errors, those farther off count; undefined where all, or their days, are too few. */
export function bandOf({ errors }: ErrorWindow, slot: number, intervalMinutes: number): Band | undefined {
  if (errors.filter((day) => day.some((error) => !Number.isNaN(error))).length < FEWEST_DAYS) return undefined;
  const enough = nearestErrors(errors, slot, intervalMinutes);
  if (enough === undefined) return undefined;
  const rank = Math.min(Math.ceil((enough.length + 1) * (1 - TAIL)), enough.length);
  return { low: Math.min(enough[enough.length - rank]!, 0), high: Math.max(enough[rank - 1]!, 0) };
}

function nearestErrors(errors: readonly Float32Array[], slot: number, intervalMinutes: number): Float32Array | undefined {
  for (const minutes of REACHES_MINUTES) {
    const reach = Math.floor(minutes / intervalMinutes);
    const near = sortedErrors(errors, slot - reach, slot + reach + 1);
    if (near.length >= FEWEST) return near;
  }
  return undefined;
}

function sortedErrors(errors: readonly Float32Array[], from: number, to: number): Float32Array {
  const found: number[] = [];
  for (const day of errors) {
    for (let slot = Math.max(from, 0); slot < Math.min(to, day.length); slot++) if (!Number.isNaN(day[slot]!)) found.push(day[slot]!);
  }
  return Float32Array.from(found).sort();
}
