import { JoulekeepError } from '../../../events/index.ts';
import { CALIBRATION_DAYS, errorUnit } from './bands.ts';
import { Calendar } from './calendar.ts';
import { FEATURE_GROUPS } from './feature-groups.ts';
import type { FeatureSet, FeatureSource } from './features.ts';
import { holidayRules } from './holidays.ts';
import { type DemandSeries, endDay, energyAt, slotsOfDay } from './series.ts';
import { type Row, rowsOf, type SlotModel, Training } from './training.ts';

/** What a forecast is made with: enough to make it again, given the demand before it. */
export interface DemandModel {
  readonly zone: string;
  readonly intervalMinutes: number;
  readonly set: FeatureSet;
  /** Slots of the day before that are known when it forecasts. */
  readonly knownSlots: number;
  /** Training: from this day to the day before `until`. */
  readonly from: number;
  readonly until: number;
  /** Wh per slot that counts as 1. */
  readonly scaleWh: number;
  readonly slots: readonly SlotModel[];
  /** Errors of the days before `until`, in units of `errorUnit`, each forecast without knowing its outcome, oldest first. */
  readonly errors: readonly Float32Array[];
}

export interface FitOptions {
  /** IANA; says which holidays there are. */
  readonly zone: string;
  readonly knownSlots: number;
  /** Day behind the last that is learned from. */
  readonly until: number;
}

/** Days between two fits, in the service and inside the calibration: with little behind it, each day more tells something. */
export const REFIT_DAYS: Readonly<Record<FeatureSet, number>> = { plain: 1, seasonal: 7 };
/** With two winters and two summers behind it a model can tell the one from the other. */
const SEASONAL_DAYS = 730;
/** Days of history from which on lags reach a week back, and what those before the first that is learned from serve as: lags alone. */
const WEEKLY_DAYS = 18;
const LAG_DAYS = { week: 8, start: 3 } as const;
const LEAST_CALIBRATION_DAYS = { week: 3, start: 1 } as const;
/** A new area has a rough forecast, a usual day without a band, as soon as two days can be learned from and one can be forecast. */
const LEAST_DAYS = LAG_DAYS.start + 2 + LEAST_CALIBRATION_DAYS.start;

/**
 * Learns from a series. The last days of it are first forecast one by one, with models that are fitted again as often as in service and don't know
 * them: their errors calibrate the bands. Then they are learned from as well. Undefined when there are fewer than 6 days.
 * @throws ERR_FORECAST_INVALID when `knownSlots` is none of a day
 */
export function fitModel(series: DemandSeries, { zone, knownSlots, until }: FitOptions): DemandModel | undefined {
  const slots = slotsOfDay(series.intervalMinutes);
  if (!Number.isInteger(knownSlots) || knownSlots < 0 || knownSlots > slots) {
    throw new JoulekeepError('ERR_FORECAST_INVALID', `${knownSlots} known slots of a day that has ${slots}`);
  }
  const days = Math.min(until, endDay(series)) - series.firstDay;
  if (days < LEAST_DAYS) return undefined;
  const calibration = Math.min(CALIBRATION_DAYS, Math.max(LEAST_CALIBRATION_DAYS[reachOf(days)], Math.floor(days / 3)));
  const walk = new ForecastWalk(series, { zone, knownSlots, until: until - calibration }, days);
  while (walk.day < until) walk.next();
  return walk.model();
}

/** How far lags reach: a week where there is enough to learn from behind it. */
function reachOf(days: number): 'week' | 'start' {
  return days < WEEKLY_DAYS ? 'start' : 'week';
}

/** Goes through a series day by day: forecasts each before it learns from it, and solves anew when it is time. */
export class ForecastWalk {
  readonly #series: DemandSeries;
  readonly #zone: string;
  readonly #training: Training;
  readonly #from: number;
  #errors: Float32Array[] = [];
  /** The last day, as long as it is not over when the next is forecast. */
  #pending: readonly (Row | undefined)[] | undefined;
  #slots: readonly SlotModel[];
  #solvedOn: number;
  #day: number;

  /** Learns from the days before `until`, which is the first that it will forecast. @param days of history there are in all */
  constructor(series: DemandSeries, { zone, knownSlots, until }: FitOptions, days = until - series.firstDay) {
    this.#series = series;
    this.#zone = zone;
    this.#from = series.firstDay + LAG_DAYS[reachOf(days)];
    const set = until - this.#from >= SEASONAL_DAYS ? 'seasonal' : 'plain';
    this.#training = new Training(series, new Calendar(holidayRules(zone)), set, scaleOf(series, until), knownSlots);
    for (let day = this.#from; day < until; day++) this.#take(day, rowsOf(this.#training.source, day));
    this.#slots = this.#training.solve();
    this.#solvedOn = until;
    this.#day = until;
  }

  /** The next to be forecast. */
  get day(): number {
    return this.#day;
  }

  /** Forecasts the day and learns from it. @returns the forecast in Wh by slot, NaN where none was possible */
  next(): Float64Array {
    const day = this.#day;
    if (day - this.#solvedOn >= REFIT_DAYS[this.#training.source.set]) this.#solve();
    const { scaleWh } = this.#training.source;
    const rows = rowsOf(this.#training.source, day);
    const forecast = Float64Array.from(rows, (row, slot) => (row ? sumOf(contributionsOf(row, this.#slots[slot]!)) * scaleWh : Number.NaN));
    this.#errors = [...this.#errors, errorsOf(this.#training.source, day, forecast)].slice(-CALIBRATION_DAYS);
    this.#take(day, rows);
    this.#day++;
    return forecast;
  }

  /** What was learned of all the days walked, and their errors: for whoever knows that the last of them is over. */
  model(): DemandModel {
    if (this.#pending !== undefined) this.#training.add(this.#day - 1, this.#pending);
    this.#pending = undefined;
    this.#solve();
    const { set, scaleWh, knownSlots } = this.#training.source;
    const { intervalMinutes } = this.#series;
    const [from, until, errors] = [this.#from, this.#day, this.#errors];
    return { zone: this.#zone, intervalMinutes, set, knownSlots, from, until, scaleWh, slots: this.#slots, errors };
  }

  /** Errors that calibrate the forecast of the next day: of days that are over at its issue. */
  get errors(): readonly Float32Array[] {
    return isWhole(this.#training.source) ? this.#errors : this.#errors.slice(0, -1);
  }

  /** Learns from a day; where forecasts are issued before the day before is over, a day later. */
  #take(day: number, rows: readonly (Row | undefined)[]): void {
    const whole = isWhole(this.#training.source);
    if (whole) this.#training.add(day, rows);
    else if (this.#pending !== undefined) this.#training.add(day - 1, this.#pending);
    this.#pending = whole ? undefined : rows;
  }

  #solve(): void {
    this.#slots = this.#training.solve();
    this.#solvedOn = this.#day;
  }
}

/** What each group of FEATURE_GROUPS adds, in units of the scale; their sum is the forecast. The last is the average day of the training. */
export function contributionsOf({ columns, groups, base, unit }: Row, { coefficients, usual }: SlotModel): Float64Array {
  const sums = new Float64Array(FEATURE_GROUPS.length);
  const mean = FEATURE_GROUPS.indexOf('model-mean');
  sums[FEATURE_GROUPS.indexOf('usual-week')]! += base;
  if (coefficients.length === 0) return sums;
  for (const [i, group] of groups.entries()) sums[FEATURE_GROUPS.indexOf(group)]! += coefficients[i]! * columns[i]! * unit;
  for (let i = 0; i < sums.length; i++) {
    if (i === mean) continue;
    sums[i]! -= usual[i]!;
    sums[mean]! += usual[i]!;
  }
  return sums;
}

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Errors of a day's forecast as shares of what `errorUnit` says; NaN where the outcome is not known. */
export function errorsOf({ series, scaleWh }: FeatureSource, day: number, forecast: Float64Array): Float32Array {
  return Float32Array.from(forecast, (value, slot) => (energyAt(series, day, slot) - value) / errorUnit(value, scaleWh));
}

/** Whether the day before is over at the issue. */
export function isWhole({ series, knownSlots }: Pick<FeatureSource, 'series' | 'knownSlots'>): boolean {
  return knownSlots === slotsOfDay(series.intervalMinutes);
}

function scaleOf(series: DemandSeries, until: number): number {
  const slots = slotsOfDay(series.intervalMinutes);
  let sum = 0;
  let count = 0;
  for (const value of series.energyWh.subarray(0, Math.max(0, until - series.firstDay) * slots)) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum > 0 ? sum / count : 1;
}
