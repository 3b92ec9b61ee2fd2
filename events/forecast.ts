/**
 * Facts of stream `forecast/<area>`: what is expected of an area's net demand (import less export), and the models that say so. Made from
 * what was published of the area alone. Energy in Wh, instants of slots in UTC s, `at` in UTC ms, days `yyyy-mm-dd` in the zone's clock.
 * @source X.1332 7, 8.2
 */
export type ForecastEvent =
  | { readonly type: 'ForecastModelFitted'; readonly data: ForecastModelFitted }
  | { readonly type: 'ForecastIssued'; readonly data: ForecastIssued };

/** When a day is forecast: at 10:00 of the day before, or when it begins. */
export type ForecastIssue = 'day-ahead' | 'midnight';

/** A model: with the area's stream up to `areaVersion` the same is fitted again, and every forecast made with it is made again. */
export interface ForecastModelFitted {
  readonly area: string;
  readonly issue: ForecastIssue;
  /** Of this issue's models, dense from 1. */
  readonly generation: number;
  /** IANA. */
  readonly zone: string;
  readonly intervalMinutes: number;
  readonly features: 'plain' | 'seasonal';
  /** Which columns its coefficients belong to; not given by models from before columns were numbered. */
  readonly columnsVersion?: number;
  /** Slots of the day before that are known when it forecasts. */
  readonly knownSlots: number;
  /** Learned from this day to the day before `until`. */
  readonly from: string;
  readonly until: string;
  /** Wh per slot that counts as 1. */
  readonly scaleWh: number;
  /** Its numbers lie in the object store under `forecast-models/` and this: SHA-256 of theirs, hex. */
  readonly numbers: string;
  /** Version of the area's stream that it was learned from. */
  readonly areaVersion: number;
  readonly at: number;
}

/** Values by slot of the day as the clock runs: 92 or 100 quarter-hours where it is changed. null = not possible to say. */
export interface ForecastIssued {
  readonly area: string;
  readonly issue: ForecastIssue;
  readonly day: string;
  readonly zone: string;
  readonly intervalMinutes: number;
  /** Generation of the model. */
  readonly model: number;
  /** Begin of the first slot. */
  readonly start: number;
  readonly energyWh: readonly (number | null)[];
  /** 90 % band. */
  readonly lowerWh: readonly (number | null)[];
  readonly upperWh: readonly (number | null)[];
  /** By group of features; in each slot they sum to `energyWh`. */
  readonly contributions: readonly { readonly group: string; readonly energyWh: readonly (number | null)[] }[];
  /** Version of the area's stream that it was made from. */
  readonly areaVersion: number;
  readonly at: number;
}
