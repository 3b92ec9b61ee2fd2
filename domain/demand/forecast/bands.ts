/**
 * Bands by split-conformal prediction: how far forecasts that were made without knowing the outcome were off lately, at that time of the
 * day, says how far the next may be. It needs no shape of the errors, and what it promises, it promises on average over days like the
 * recent ones.
 */
export interface ErrorWindow {
  /** Relative errors (actual - forecast) / forecast by day and slot, oldest day first; NaN = not known. */
  readonly errors: readonly Float32Array[];
}

/** Relative: the band reaches from forecast * (1 + low) to forecast * (1 + high). low <= 0 <= high. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** Days whose errors count. */
export const CALIBRATION_DAYS = 112;
/** Minutes on both sides of a slot whose errors count for it. */
const REACH_MINUTES = 60;
/** Of the outcomes, outside the band on each side. */
const TAIL = 0.05;
/** Fewer errors can't show a tail of one in twenty. */
const FEWEST = 20;

/** The 90 % band of a slot; where its own time of the day has too few errors, those of the whole day count; undefined where they are too few as well. */
export function bandOf({ errors }: ErrorWindow, slot: number, intervalMinutes: number): Band | undefined {
  const reach = Math.floor(REACH_MINUTES / intervalMinutes);
  const near = sortedErrors(errors, slot - reach, slot + reach + 1);
  const enough = near.length >= FEWEST ? near : sortedErrors(errors, 0, 1440 / intervalMinutes);
  if (enough.length < FEWEST) return undefined;
  const rank = Math.min(Math.ceil((enough.length + 1) * (1 - TAIL)), enough.length);
  return { low: Math.min(enough[enough.length - rank]!, 0), high: Math.max(enough[rank - 1]!, 0) };
}

function sortedErrors(errors: readonly Float32Array[], from: number, to: number): Float32Array {
  const found: number[] = [];
  for (const day of errors) {
    for (let slot = Math.max(from, 0); slot < Math.min(to, day.length); slot++) if (!Number.isNaN(day[slot]!)) found.push(day[slot]!);
  }
  return Float32Array.from(found).sort();
}
