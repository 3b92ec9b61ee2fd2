import { weekdayOf } from './forecast/holidays.ts';
import { type DemandSeries, endDay, energyAt, slotsOfDay } from './forecast/series.ts';

/** The highest demand of a span. */
export interface Peak {
  /** Since 1970-01-01. */
  readonly day: number;
  /** By the wall clock, minutes since 00:00. */
  readonly minute: number;
  readonly energyWh: number;
}

/** Change of energy from one slot to the next, Wh; `minute` is the begin of the second. */
export interface Ramp {
  readonly day: number;
  readonly minute: number;
  readonly changeWh: number;
}

/** What a span of days looks like to whoever runs the grid. Only slots that are known count. */
export interface SpanTrend {
  /** First day, and the day behind the last. */
  readonly from: number;
  readonly until: number;
  readonly knownSlots: number;
  readonly energyWh: number;
  readonly peak: Peak;
  /** Steepest rise and fall between neighbouring slots; undefined where no two are known, or none goes that way. */
  readonly rise: Ramp | undefined;
  readonly fall: Ramp | undefined;
  /** Mean demand over peak, per mille; undefined where the peak is none. Mean and peak are of the same slots. */
  readonly loadFactorPerMille: number | undefined;
}

/** Energy of whole days now against before, per mille. */
export interface Growth {
  /** `year` compares with the same weekdays 52 weeks before, `recent` the last four weeks or fewer with as many before them. */
  readonly against: 'year' | 'recent';
  /** Pairs of whole days. */
  readonly days: number;
  readonly perMille: number;
}

export interface DemandTrend {
  readonly days: readonly SpanTrend[];
  /** From Monday on; the first and the last as far as there are days. */
  readonly weeks: readonly SpanTrend[];
  /** December to February, and so on. */
  readonly seasons: readonly SpanTrend[];
  readonly whole: SpanTrend | undefined;
  readonly growth: Growth | undefined;
}

const WEEK = 7;
const YEAR_OF_WEEKS = 364;
const RECENT_DAYS = 28;
const MINUTES_OF_DAY = 1440;

/**
 * Peaks, ramps, load factor and growth of an area's demand. A span without a known slot is not told of.
 * @source X.1332 7 (demand-trend analysis of the energy management system)
 */
export function demandTrend(series: DemandSeries): DemandTrend {
  const until = endDay(series);
  const spans = (endOf: (day: number) => number): SpanTrend[] => {
    const found: SpanTrend[] = [];
    for (let from = series.firstDay; from < until; ) {
      const end = Math.min(endOf(from), until);
      const span = spanTrend(series, from, end);
      if (span !== undefined) found.push(span);
      from = end;
    }
    return found;
  };
  return {
    days: spans((day) => day + 1),
    weeks: spans((day) => day + WEEK + 1 - weekdayOf(day)),
    seasons: spans(nextSeason),
    whole: spanTrend(series, series.firstDay, until),
    growth: growthOf(series, until),
  };
}

/** Undefined where no slot is known. */
export function spanTrend(series: DemandSeries, from: number, until: number): SpanTrend | undefined {
  const { intervalMinutes } = series;
  const slots = slotsOfDay(intervalMinutes);
  let [knownSlots, energyWh] = [0, 0];
  let [peak, rise, fall]: [Peak | undefined, Ramp | undefined, Ramp | undefined] = [undefined, undefined, undefined];
  let before = Number.NaN;
  for (let at = from * slots; at < until * slots; at++) {
    const [day, slot] = [Math.floor(at / slots), at - Math.floor(at / slots) * slots];
    const energy = energyAt(series, day, slot);
    const changeWh = energy - before;
    const place = { day, minute: slot * intervalMinutes };
    before = energy;
    if (changeWh > (rise?.changeWh ?? 0)) rise = { ...place, changeWh };
    if (changeWh < (fall?.changeWh ?? 0)) fall = { ...place, changeWh };
    if (Number.isNaN(energy)) continue;
    knownSlots++;
    energyWh += energy;
    if (peak === undefined || energy > peak.energyWh) peak = { ...place, energyWh: energy };
  }
  if (peak === undefined) return undefined;
  const loadFactorPerMille = peak.energyWh > 0 ? Math.round((1000 * energyWh) / knownSlots / peak.energyWh) : undefined;
  return { from, until, knownSlots, energyWh, peak, rise, fall, loadFactorPerMille };
}

function growthOf(series: DemandSeries, until: number): Growth | undefined {
  const all = until - series.firstDay;
  const yearOn = compare(series, 'year', until - Math.min(YEAR_OF_WEEKS, all - YEAR_OF_WEEKS), until, YEAR_OF_WEEKS);
  if (yearOn !== undefined && yearOn.days >= RECENT_DAYS) return yearOn;
  const recent = Math.min(RECENT_DAYS, Math.floor(all / 2 / WEEK) * WEEK);
  return compare(series, 'recent', until - recent, until, recent);
}

/** Days of which both are whole, each against the day so many before it. */
function compare(series: DemandSeries, against: Growth['against'], from: number, until: number, back: number): Growth | undefined {
  let [days, now, then] = [0, 0, 0];
  for (let day = from; day < until; day++) {
    const [one, other] = [energyOfDay(series, day), energyOfDay(series, day - back)];
    if (Number.isNaN(one + other)) continue;
    days++;
    now += one;
    then += other;
  }
  return days > 0 && then > 0 ? { against, days, perMille: Math.round((1000 * (now - then)) / then) } : undefined;
}

/** Wh; NaN where a slot is missing, other than the hour that the clock skipped. */
function energyOfDay(series: DemandSeries, day: number): number {
  const slots = slotsOfDay(series.intervalMinutes);
  let [sum, missing] = [0, 0];
  for (let slot = 0; slot < slots; slot++) {
    const energy = energyAt(series, day, slot);
    if (Number.isNaN(energy)) missing += series.intervalMinutes;
    else sum += energy;
  }
  return missing > MINUTES_OF_DAY / 24 ? Number.NaN : sum;
}

function nextSeason(day: number): number {
  const date = new Date(day * 86_400_000);
  const month = date.getUTCMonth();
  return Date.UTC(date.getUTCFullYear(), month + 3 - ((month + 1) % 3)) / 86_400_000;
}
