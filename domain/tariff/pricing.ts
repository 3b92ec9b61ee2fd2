import { JoulekeepError } from '../../events/index.ts';
import { applies, type LocalDay, localDayOf } from './local-time.ts';
import type { BandSeries, PriceSeries, TariffSeries } from './series.ts';
import type {
  BandPrice,
  BandSeriesPricing,
  FlatPricing,
  PriceSeriesPricing,
  Pricing,
  RegisterPricing,
  TariffCalendar,
  TierPricing,
  TimeOfUsePricing,
} from './tariff.ts';

/** Pricing that gives every slot a price of its own, whatever else was used. */
export type SlotPricing = Exclude<Pricing, RegisterPricing | TierPricing>;

/** When a slot begins. */
export interface SlotTime {
  /** UTC s. */
  readonly at: number;
  /** Local date and local minute of the day. */
  readonly day: string;
  readonly localMinute: number;
}

export interface SlotPrice {
  /** Absent where one line holds all slots, whatever their price. */
  readonly band?: string;
  readonly priceMicroPerKWh: bigint;
}

export type Pricer = (slot: SlotTime) => SlotPrice;

/**
 * Price by slot.
 * @throws ERR_SERIES_MISSING when the series was not given, or is of the other kind; the pricer itself throws
 * ERR_PRICE_MISSING for a slot without band or price
 */
export function pricerOf(pricing: SlotPricing, calendar: TariffCalendar, series: ReadonlyMap<string, TariffSeries>): Pricer {
  switch (pricing.kind) {
    case 'flat':
      return flat(pricing);
    case 'time-of-use':
      return timeOfUse(pricing, calendar);
    case 'band-series':
      return byBandSeries(pricing, series.get(pricing.series));
    case 'price-series':
      return byPriceSeries(pricing, series.get(pricing.series));
  }
}

function flat({ priceMicroPerKWh }: FlatPricing): Pricer {
  const price = { priceMicroPerKWh };
  return () => price;
}

function timeOfUse({ bands, rules }: TimeOfUsePricing, calendar: TariffCalendar): Pricer {
  const prices = pricesByBand(bands);
  let today: LocalDay | undefined;
  return ({ day, localMinute }) => {
    if (today?.date !== day) today = localDayOf(day, calendar);
    const rule = rules.find(({ when }) => applies(when, today!, localMinute));
    const price = rule === undefined ? undefined : prices.get(rule.band);
    return price ?? missing(`no rule prices minute ${localMinute} of ${day}`);
  };
}

function byBandSeries({ series: name, bands }: BandSeriesPricing, series: TariffSeries | undefined): Pricer {
  const { days, stepMinutes } = ofKind(name, series, 'bands');
  const prices = pricesByBand(bands);
  return ({ day, localMinute }) => {
    const band = days.get(day)?.[Math.floor(localMinute / stepMinutes)];
    if (band === undefined) return missing(`series ${name} has no band for minute ${localMinute} of ${day}`);
    return prices.get(band) ?? missing(`band ${band} of series ${name}, on ${day}, has no price in the tariff`);
  };
}

function byPriceSeries(pricing: PriceSeriesPricing, series: TariffSeries | undefined): Pricer {
  const { series: name, addMicroPerKWh, floorMicroPerKWh, capMicroPerKWh } = pricing;
  const { start, stepMinutes, pricesMicroPerKWh } = ofKind(name, series, 'prices');
  return ({ at, day }) => {
    const listed = pricesMicroPerKWh[Math.floor((at - start) / (stepMinutes * 60))];
    if (listed === undefined) return missing(`series ${name} has no price for the slot at UTC second ${at}, on ${day}`);
    let price = listed + addMicroPerKWh;
    if (floorMicroPerKWh !== undefined && price < floorMicroPerKWh) price = floorMicroPerKWh;
    if (capMicroPerKWh !== undefined && price > capMicroPerKWh) price = capMicroPerKWh;
    return { priceMicroPerKWh: price };
  };
}

function ofKind(name: string, series: TariffSeries | undefined, kind: 'bands'): BandSeries;
function ofKind(name: string, series: TariffSeries | undefined, kind: 'prices'): PriceSeries;
function ofKind(name: string, series: TariffSeries | undefined, kind: TariffSeries['kind']): TariffSeries {
  if (series?.kind === kind) return series;
  const found = series === undefined ? 'was not given' : `is a series of ${series.kind}`;
  throw new JoulekeepError('ERR_SERIES_MISSING', `the tariff needs the series ${name} of ${kind}, which ${found}`);
}

function pricesByBand(bands: readonly BandPrice[]): ReadonlyMap<string, SlotPrice> {
  return new Map(bands.map((price) => [price.band, price]));
}

function missing(what: string): never {
  throw new JoulekeepError('ERR_PRICE_MISSING', what);
}
