const DAY = 86_400;
const WEEK = 7 * DAY;
/** Fewer would be those weeks rather than a usual one. */
export const FEWEST_WEEKS = 4;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY = 4 * DAY;

/** An interval as it went out. */
export interface ToldValue {
  /** UTC s. */
  readonly end: number;
  /** Import less export. */
  readonly netWh: number;
}

/** How values become steps; `stepMinutes` is a multiple of `intervalMinutes` and divides a day. */
export interface StepSize {
  readonly intervalMinutes: number;
  readonly stepMinutes: number;
}

/**
 * What a week of an area usually looks like: for each step of the week, from Monday 00:00 UTC on, the mean over all weeks in which
 * the step may be told, Wh; undefined where these are fewer than four.
 * @param isOut whether every interval of a step went out, UTC s
 */
export function typicalWeek(
  told: Iterable<ToldValue>,
  { intervalMinutes, stepMinutes }: StepSize,
  isOut: (from: number, until: number) => boolean,
): readonly (number | undefined)[] {
  const step = stepMinutes * 60;
  const steps = new Map<number, number>();
  for (const { end, netWh } of told) {
    const begin = Math.floor((end - intervalMinutes * 60) / step) * step;
    steps.set(begin, (steps.get(begin) ?? 0) + netWh);
  }
  const sums = Array.from({ length: WEEK / step }, () => ({ energyWh: 0, weeks: 0 }));
  for (const [begin, energyWh] of steps) {
    if (!isOut(begin, begin + step)) continue;
    const sum = sums[((begin - FIRST_MONDAY) % WEEK) / step]!;
    sum.energyWh += energyWh;
    sum.weeks++;
  }
  return sums.map(({ energyWh, weeks }) => (weeks < FEWEST_WEEKS ? undefined : Math.round(energyWh / weeks)));
}
