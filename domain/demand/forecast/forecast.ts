import { JoulekeepError } from '../../../events/index.ts';
import { type Band, bandOf, CALIBRATION_DAYS, errorUnit } from './bands.ts';
import { Calendar } from './calendar.ts';
import { FEATURE_GROUPS, type FeatureGroup } from './feature-groups.ts';
import type { FeatureSource } from './features.ts';
import { holidayRules } from './holidays.ts';
import { contributionsOf, type DemandModel, errorsOf, isWhole, sumOf } from './model.ts';
import type { DemandSeries } from './series.ts';
import { rowsOf } from './training.ts';

/** One slot of a day's forecast, integer Wh, less than 0 where homes give back more than they take; lowerWh <= energyWh <= upperWh. */
export interface SlotForecast {
  readonly energyWh: number;
  /** 90 % band; null = how far it may be off is not known yet. */
  readonly lowerWh: number | null;
  readonly upperWh: number | null;
  /** What each group of features adds to the average day; the sum is `energyWh`. */
  readonly contributionsWh: Readonly<Record<FeatureGroup, number>>;
}

/**
 * The forecast of a local day, made of nothing but what was known at its issue: demand before the slot `model.knownSlots` of the day
 * before. By slot of the wall clock; undefined where nothing like it was seen for 28 days.
 * @throws ERR_FORECAST_INVALID when the series has another interval than the model, or the model was learned from what came after the issue
 */
export function forecastDay(model: DemandModel, series: DemandSeries, day: number): readonly (SlotForecast | undefined)[] {
  if (series.intervalMinutes !== model.intervalMinutes) {
    throw invalid(`a model of ${model.intervalMinutes} min and demand of ${series.intervalMinutes} min`);
  }
  const whole = model.knownSlots === model.slots.length;
  if (day < model.until + (whole ? 0 : 1)) throw invalid(`on day ${day} the model knows more than its issue did`);
  const { set, scaleWh, knownSlots } = model;
  const source = { series, calendar: new Calendar(holidayRules(model.zone)), set, scaleWh, knownSlots };
  const errors = recentErrors(model, source, day);
  return rowsOf(source, day).map((row, slot) => {
    if (row === undefined) return undefined;
    const parts = contributionsOf(row, model.slots[slot]!).map((part) => part * scaleWh);
    return inWh(parts, bandOf({ errors }, slot, model.intervalMinutes), scaleWh);
  });
}

/** Whether a metered value lies outside the band of its slot: it is worth a look, whatever each meter's own checks say. */
export function outsideBand(actualWh: number, { lowerWh, upperWh }: Pick<SlotForecast, 'lowerWh' | 'upperWh'>): boolean {
  return (lowerWh !== null && actualWh < lowerWh) || (upperWh !== null && actualWh > upperWh);
}

/** Errors of the model's calibration, and of its own forecasts since: of whole days that were over at the issue. */
function recentErrors(model: DemandModel, source: FeatureSource, day: number): readonly Float32Array[] {
  const errors = [...model.errors];
  const over = isWhole(source) ? day : day - 1;
  for (let past = Math.max(model.until, over - CALIBRATION_DAYS); past < over; past++) {
    const forecast = Float64Array.from(rowsOf(source, past), (row, slot) =>
      row === undefined ? Number.NaN : sumOf(contributionsOf(row, model.slots[slot]!)) * source.scaleWh,
    );
    errors.push(errorsOf(source, past, forecast));
  }
  return errors.slice(-CALIBRATION_DAYS);
}

/** Rounds so that integer parts still sum to the integer whole: the mean takes the difference. */
function inWh(parts: Float64Array, band: Band | undefined, scaleWh: number): SlotForecast {
  const energyWh = nearest(sumOf(parts));
  const unit = errorUnit(energyWh, scaleWh);
  const whole = [...parts].map(nearest);
  whole[FEATURE_GROUPS.indexOf('model-mean')]! += energyWh - whole.reduce((sum, part) => sum + part, 0);
  return {
    energyWh,
    lowerWh: band === undefined ? null : energyWh + Math.floor(band.low * unit),
    upperWh: band === undefined ? null : energyWh + Math.ceil(band.high * unit),
    contributionsWh: Object.fromEntries(FEATURE_GROUPS.map((group, i) => [group, whole[i]!])) as Record<FeatureGroup, number>,
  };
}

/** Never -0, which is not recorded as such. */
const nearest = (value: number): number => Math.round(value) + 0;
const invalid = (what: string): JoulekeepError => new JoulekeepError('ERR_FORECAST_INVALID', `forecast: ${what}`);
