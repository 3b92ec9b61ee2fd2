import { bandOf } from '../domain/demand/forecast/bands.ts';
import { type DemandBand, farSide, persistentIntervals, type Side } from '../domain/demand/forecast/contradiction.ts';
import { dayNumber } from '../domain/demand/forecast/holidays.ts';
import { ForecastWalk } from '../domain/demand/forecast/model.ts';
import { type DemandSeries, endDay, energyAt, slotsOfDay } from '../domain/demand/forecast/series.ts';
import type { Result } from './measure.ts';
import { atMost } from './measure.ts';

/** One forecast method over the test days. */
export interface Score {
  readonly series: string;
  readonly issued: string;
  readonly days: number;
  /** Mean absolute percentage errors. */
  readonly mape: number;
  readonly yesterday: number;
  readonly lastWeek: number;
  readonly fourWeeks: number;
  /** Of outcomes inside the 90 % band, and its mean width as a share of demand, %. */
  readonly coverage: number;
  readonly width: number;
  /** Of intervals that would have been doubted, %: all falsely. And of them, had meters reported 30 % more. */
  readonly doubted: number;
  readonly caught: number;
}

export interface ScoreTask {
  readonly series: string;
  readonly issued: string;
  readonly zone: string;
  readonly demand: DemandSeries;
  readonly knownSlots: number;
  /** First day to be scored, and the day behind the last. */
  readonly from: number;
  readonly until: number;
}

/** Before the scored days: their errors calibrate the first bands. */
const WARM_UP_DAYS = 112;

/** Days after July 2017 are for the score alone: nothing was chosen on them. */
export const TEST_DAYS = 365;
export const LONDON_TEST_DAYS = 90;
export const CHOSEN_BEFORE: number = dayNumber(2017, 7, 1);
export const CHOICE_FROM: number = dayNumber(2015, 7, 1);

/**
 * Goes through the days as the service would: forecasts each from what was known at its issue, with a model fitted again every week on the days
 * before, and bands from the errors of the days that were over.
 */
export function scoreOf({ series, issued, zone, demand, knownSlots, from, until }: ScoreTask): Score {
  const warmUp = Math.min(WARM_UP_DAYS, Math.floor((from - demand.firstDay) / 3));
  const walk = new ForecastWalk(demand, { zone, knownSlots, until: from - warmUp });
  while (walk.day < from) walk.next();
  const slots = slotsOfDay(demand.intervalMinutes);
  const forecasts = new Map<number, Float64Array>();
  const bands = { inside: 0, count: 0, width: 0 };
  const judged: JudgedInterval[] = [];
  while (walk.day < until) {
    const { day } = walk;
    const { errors } = walk;
    const forecast = walk.next();
    forecasts.set(day, forecast);
    for (let slot = 0; slot < slots; slot++) {
      const actual = energyAt(demand, day, slot);
      const band = bandOf({ errors }, slot, demand.intervalMinutes);
      const value = forecast[slot]!;
      if (Number.isNaN(actual) || Number.isNaN(value) || band === undefined) {
        judged.push(undefined);
        continue;
      }
      judged.push({ actual, band: { lowWh: value * (1 + band.low), highWh: value * (1 + band.high) } });
      bands.count++;
      bands.width += (value * (band.high - band.low)) / actual;
      if (actual >= value * (1 + band.low) && actual <= value * (1 + band.high)) bands.inside++;
    }
  }
  const error = (forecastOf: (day: number, slot: number) => number) => mapeOf(demand, from, until, forecastOf);
  const fresh = (slot: number) => (slot < knownSlots ? 1 : 2);
  return {
    series,
    issued,
    days: until - from,
    mape: error((day, slot) => forecasts.get(day)![slot]!),
    yesterday: error((day, slot) => energyAt(demand, day - fresh(slot), slot)),
    lastWeek: error((day, slot) => energyAt(demand, day - 7, slot)),
    fourWeeks: error((day, slot) => [7, 14, 21, 28].reduce((sum, back) => sum + energyAt(demand, day - back, slot) / 4, 0)),
    coverage: (100 * bands.inside) / bands.count,
    width: (100 * bands.width) / bands.count,
    doubted: doubtedShare(judged, demand.intervalMinutes, 1),
    caught: doubtedShare(judged, demand.intervalMinutes, PLAUSIBLE_LIE),
  };
}

type JudgedInterval = { readonly actual: number; readonly band: DemandBand } | undefined;

/** What 512 meters that all report a plausible 30 % more make of the demand that there is. */
const PLAUSIBLE_LIE = 1.3;

/** Intervals that the feed would doubt, in %: the last of a row that is far outside on one side. */
function doubtedShare(judged: readonly JudgedInterval[], intervalMinutes: number, times: number): number {
  const row = persistentIntervals(intervalMinutes);
  let doubted = 0;
  let length = 0;
  let before: Side | undefined;
  for (const one of judged) {
    const side = one && farSide(one.actual * times, one.band);
    length = side === undefined ? 0 : side === before ? length + 1 : 1;
    before = side;
    if (length >= row) doubted++;
  }
  return (100 * doubted) / judged.length;
}

/** Last days of a series that are whole. */
export function lastDays(demand: DemandSeries, days: number): { readonly from: number; readonly until: number } {
  const until = endDay(demand);
  return { from: until - days, until };
}

function mapeOf(demand: DemandSeries, from: number, until: number, forecastOf: (day: number, slot: number) => number): number {
  let sum = 0;
  let count = 0;
  for (let day = from; day < until; day++) {
    for (let slot = 0; slot < slotsOfDay(demand.intervalMinutes); slot++) {
      const actual = energyAt(demand, day, slot);
      const forecast = forecastOf(day, slot);
      if (!(actual > 0) || Number.isNaN(forecast)) continue;
      sum += Math.abs(forecast - actual) / actual;
      count++;
    }
  }
  if (count === 0) throw new TypeError('no day of the series could be scored');
  return (100 * sum) / count;
}

/** What was promised. */
export function goals(midnight: readonly Score[], morning: readonly Score[], london: Score): readonly Result[] {
  const mean = (scores: readonly Score[]) => scores.reduce((sum, { mape }) => sum + mape / scores.length, 0);
  const naive = Math.min(london.yesterday, london.lastWeek, london.fourWeeks);
  return [
    atMost('zones, issued at midnight, mean MAPE', mean(midnight), '%', 3.2),
    atMost('zones, issued at 10:00 the day before, mean MAPE', mean(morning), '%', 4),
    ...[...midnight, ...morning].map((score) => covers(`${score.series}, ${score.issued}, 90 % bands cover`, score.coverage)),
    atMost(`${london.series}, MAPE as a share of the best naive method's`, london.mape / naive, '', 0.8),
    { name: `${london.series}, 90 % bands cover`, value: london.coverage, unit: '%' },
  ];
}

function covers(name: string, value: number): Result {
  return { name, value, unit: '%', goal: '88 to 92', holds: value >= 88 && value <= 92 };
}
