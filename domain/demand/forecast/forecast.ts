import { JoulekeepError } from '../../../events/index.ts';
import { bandOf, CALIBRATION_DAYS } from './bands.ts';
import { Calendar } from './calendar.ts';
import { FEATURE_GROUPS, type FeatureGroup } from './feature-groups.ts';
import type { FeatureSource } from './features.ts';
import { holidayRules } from './holidays.ts';
import { contributionsOf, type DemandModel, errorsOf, sumOf } from './model.ts';
import type { DemandSeries } from './series.ts';
import { rowsOf } from './training.ts';

/** One slot of a day's forecast, integer Wh; 0 <= lowerWh <= energyWh <= upperWh. */
export interface SlotForecast {
  readonly energyWh: number;
  /** 90 % band. */
  readonly lowerWh: number;
  readonly upperWh: number;
  /** What each group of features adds to the average day; the sum is `energyWh`. */
  readonly contributionsWh: Readonly<Record<FeatureGroup, number>>;
}

/**
 * The forecast of a local day, made of nothing but what was known at its issue: demand before the slot `model.knownSlots` of the day
 * before. By slot of the wall clock; undefined where nothing like it was seen for 28 days.
 * @throws ERR_FORECAST_INVALID when the series has another interval than the model, or the day was learned from
 */
export function forecastDay(model: DemandModel, series: DemandSeries, day: number): readonly (SlotForecast | undefined)[] {
  if (series.intervalMinutes !== model.intervalMinutes) {
    throw invalid(`a model of ${model.intervalMinutes} min and demand of ${series.intervalMinutes} min`);
  }
  if (day < model.until) throw invalid(`day ${day} was learned from`);
  const { set, scaleWh, knownSlots } = model;
  const source = { series, calendar: new Calendar(holidayRules(model.zone)), set, scaleWh, knownSlots };
  const errors = recentErrors(model, source, day);
  return rowsOf(source, day).map((row, slot) => {
    const band = bandOf({ errors }, slot, model.intervalMinutes);
    if (row === undefined || band === undefined) return undefined;
    const parts = contributionsOf(row, model.slots[slot]!);
    return inWh(parts.map((part) => part * scaleWh), band);
  });
}

/** Whether a metered value lies outside the band of its slot: it is worth a look, whatever each meter's own checks say. */
export function outsideBand(actualWh: number, forecast: Pick<SlotForecast, 'lowerWh' | 'upperWh'>): boolean {
  return actualWh < forecast.lowerWh || actualWh > forecast.upperWh;
}

/** Errors of the model's calibration, and of its own forecasts since: of whole days that were over at the issue. */
function recentErrors(model: DemandModel, source: FeatureSource, day: number): readonly Float32Array[] {
  const errors = [...model.errors];
  const over = source.knownSlots === model.slots.length ? day : day - 1;
  for (let past = Math.max(model.until, over - CALIBRATION_DAYS); past < over; past++) {
    const forecast = Float64Array.from(rowsOf(source, past), (row, slot) =>
      row === undefined ? Number.NaN : sumOf(contributionsOf(row, model.slots[slot]!)) * source.scaleWh,
    );
    errors.push(errorsOf(source.series, past, forecast));
  }
  return errors.slice(-CALIBRATION_DAYS);
}

/** Rounds so that integer parts still sum to the integer whole. What can't be negative, isn't: the mean gives way. */
function inWh(parts: Float64Array, band: { readonly low: number; readonly high: number }): SlotForecast {
  const energyWh = Math.max(0, Math.round(sumOf(parts)));
  const whole = [...parts].map(Math.round);
  const mean = FEATURE_GROUPS.indexOf('model-mean');
  whole[mean]! += energyWh - whole.reduce((sum, part) => sum + part, 0);
  return {
    energyWh,
    lowerWh: Math.max(0, Math.floor(energyWh * (1 + band.low))),
    upperWh: Math.ceil(energyWh * (1 + band.high)),
    contributionsWh: Object.fromEntries(FEATURE_GROUPS.map((group, i) => [group, whole[i]!])) as Record<FeatureGroup, number>,
  };
}

const invalid = (what: string): JoulekeepError => new JoulekeepError('ERR_FORECAST_INVALID', `forecast: ${what}`);
