/**
 * Bands or prices that come as data, per interval. A series by the local clock is asked by local date and minute, so a
 * repeated hour has the same band twice; one by the universal clock is asked by instant, so it has two values.
 */
export type TariffSeries = BandSeries | PriceSeries;

export interface BandSeries {
  readonly kind: 'bands';
  readonly clock: 'local';
  readonly stepMinutes: number;
  /** By local date: a band per step of the local day, midnight to midnight, hours that a clock change skips included. */
  readonly days: ReadonlyMap<string, readonly string[]>;
}

export interface PriceSeries {
  readonly kind: 'prices';
  readonly clock: 'utc';
  readonly stepMinutes: number;
  /** UTC s of the first step. */
  readonly start: number;
  /** Micro-currency per kWh, step by step. */
  readonly pricesMicroPerKWh: readonly bigint[];
}
