/**
 * What estimation may look at beside the day itself. Every column is aligned to the slots of the day that is estimated by local
 * time of day: `counts[i]` is what was used at the same wall-clock time, NO_COUNTS where there is none (an hour that the other
 * day did not have). Counts are those of the estimated channel; whoever aligns converts.
 */
export interface History {
  /** Earlier days of the channel, newest first, back to six weeks. Of days that follow only what is measured, behind the earlier ones. */
  readonly days: readonly LikeDay[];
  /** ISO weekday of the day itself, 1 = Monday. */
  readonly weekday: number;
  readonly holiday: boolean;
  /** Same weekday and season a year ago (52 weeks back). */
  readonly lastYear?: LikeDay;
  /** Average use of a whole day, counts, over valid days. */
  readonly averageDaily?: number;
  /** A second meter on the same supply: its day. */
  readonly checkMeter?: LikeDay;
  /** Shape of the class: any weights, one per slot, and what they come to over a whole day where the slots are only part of one. */
  readonly classProfile?: { readonly name: string; readonly weights: Float64Array; readonly wholeDay?: number };
  /** Readings of longer intervals that cover the day, in order; each covers `slots` slots from the day's start on. */
  readonly coarser?: { readonly slots: number; readonly counts: Uint32Array };
  /** Slots just before the day's start and just after its end, in time order; NO_COUNTS where there is no valid one. */
  readonly before: Uint32Array;
  readonly after: Uint32Array;
  /** Nothing has arrived since before the day's end: estimates of its last gap are forward estimates (EX), to be replaced. */
  readonly silent: boolean;
}

/** Another day of the channel. */
export interface LikeDay {
  /** Local date, `yyyy-mm-dd`. */
  readonly date: string;
  /** How many days before the estimated one; negative = after it. */
  readonly daysBack: number;
  /** ISO weekday, 1 = Monday. */
  readonly weekday: number;
  readonly holiday: boolean;
  readonly counts: Uint32Array;
  /** No outage, no estimate, nothing held, no hole in it. Methods leave out what is not. */
  readonly usable: boolean;
}

const NOTHING = new Uint32Array(0);

/** Where nothing is known: a meter's first day. */
export function noHistory(weekday: number): History {
  return { days: [], weekday, holiday: false, before: NOTHING, after: NOTHING, silent: false };
}
