/**
 * A tariff as billing uses it: typed, checked (`tariff-check.ts`), every price a bigint in micro-currency (millionths of
 * `currency`), so that no rate is ever a binary fraction. Local dates are `yyyy-mm-dd`, times minutes of the local day.
 */
export interface Tariff {
  readonly id: string;
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly charges: readonly Charge[];
  /** What becomes of energy sent back; absent = exported energy is neither paid nor netted. */
  readonly export?: ExportTerms;
  readonly minimum?: MinimumCharge;
  readonly taxes: readonly Tax[];
  readonly calendar: TariffCalendar;
  /** What a bill below zero does: it is paid out, or stands to the credit of the next bill. */
  readonly negativeTotal: 'pay-out' | 'carry';
}

export type Charge = EnergyCharge | StandingCharge | DemandCharge | ReactiveCharge;

/** Active energy taken from the grid. */
export interface EnergyCharge {
  readonly kind: 'energy';
  readonly code: string;
  readonly pricing: Pricing;
  readonly taxGroup?: string;
}

export interface StandingCharge {
  readonly kind: 'standing';
  readonly code: string;
  readonly priceMicroPerDay: bigint;
  readonly taxGroup?: string;
}

/** The largest mean power over any demand interval of the span. */
export interface DemandCharge {
  readonly kind: 'demand';
  readonly code: string;
  /** Divides 60, and is a multiple of the meter's interval. */
  readonly demandMinutes: number;
  /** kW from active, kVA from apparent energy. */
  readonly of: 'Wh' | 'VAh';
  readonly priceMicroPerKW: bigint;
  /** `day`: the price is for one day; `period`: for a whole billing period, by days where the tariff held for fewer. */
  readonly per: 'day' | 'period';
  /** Counts only intervals that lie in here with every slot. */
  readonly when?: When;
  readonly taxGroup?: string;
}

/** Reactive energy beyond a free share of the active energy. */
export interface ReactiveCharge {
  readonly kind: 'reactive';
  readonly code: string;
  readonly priceMicroPerKvarh: bigint;
  /** varh free of charge per 1000 Wh. */
  readonly freePerMille: number;
  readonly taxGroup?: string;
}

export type Pricing = FlatPricing | TimeOfUsePricing | BandSeriesPricing | PriceSeriesPricing | RegisterPricing | TierPricing;

export interface FlatPricing {
  readonly kind: 'flat';
  readonly priceMicroPerKWh: bigint;
}

/** The first rule that applies to the local time a slot begins at names its band; together the rules cover all of time. */
export interface TimeOfUsePricing {
  readonly kind: 'time-of-use';
  readonly bands: readonly BandPrice[];
  readonly rules: readonly BandRule[];
}

/** The band of each slot comes as data (`series.ts`). */
export interface BandSeriesPricing {
  readonly kind: 'band-series';
  readonly series: string;
  readonly bands: readonly BandPrice[];
}

/** The price of each slot comes as data, and may be negative. */
export interface PriceSeriesPricing {
  readonly kind: 'price-series';
  readonly series: string;
  readonly addMicroPerKWh: bigint;
  readonly floorMicroPerKWh?: bigint;
  readonly capMicroPerKWh?: bigint;
}

/** The meter's own tariff registers, each with its price. The total register is not summed with them. */
export interface RegisterPricing {
  readonly kind: 'registers';
  readonly registers: readonly { readonly obis: string; readonly band: string; readonly priceMicroPerKWh: bigint }[];
}

/** Blocks of consumption, rising; thresholds are for `perDays` days and scale with the days the tariff held. */
export interface TierPricing {
  readonly kind: 'tiers';
  readonly perDays: number;
  /** The last one has no upper end. */
  readonly tiers: readonly { readonly band: string; readonly upToWh?: bigint; readonly priceMicroPerKWh: bigint }[];
}

export interface BandPrice {
  readonly band: string;
  readonly priceMicroPerKWh: bigint;
}

export interface BandRule {
  readonly band: string;
  readonly when: When;
}

/** A part of local time; an absent field excludes nothing. */
export interface When {
  /** Minutes of the local day, `from` inclusive, `until` exclusive (1440 = midnight); `from > until` runs over midnight. */
  readonly from?: number;
  readonly until?: number;
  /** ISO weekdays, 1 = Monday. */
  readonly weekdays?: readonly number[];
  /** Name of a season of the calendar. */
  readonly season?: string;
  /** `only` on holidays of the calendar, or `never` on them. */
  readonly holidays?: 'only' | 'never';
}

export interface TariffCalendar {
  readonly seasons: readonly Season[];
  /** Local dates. */
  readonly holidays: readonly string[];
}

/** Every year, both ends inclusive, `mm-dd`; `from > until` runs over New Year. */
export interface Season {
  readonly name: string;
  readonly from: string;
  readonly until: string;
}

/**
 * Energy sent back. `buy-all-sell-all`: what is taken is charged, what is sent is paid. `per-interval`: within one slot the
 * two are set off first, where meters count by different intervals within the longer one. `per-period`: over the period and within each band they are set off, the surplus is treated as told.
 */
export interface ExportTerms {
  readonly netting: 'buy-all-sell-all' | 'per-interval' | 'per-period';
  /** Price of what is paid. Not used where the surplus is carried as energy or lapses. */
  readonly pricing?: FlatPricing | TimeOfUsePricing | BandSeriesPricing | PriceSeriesPricing;
  /** Only with `per-period`. */
  readonly surplus?: 'paid' | 'carried' | 'lapses';
  readonly taxGroup?: string;
}

/** Where the charges of a span stay below this, a line fills them up. */
export interface MinimumCharge {
  readonly priceMicroPerDay: bigint;
  readonly taxGroup?: string;
}

/** A rate on the sum of the lines that name its group. */
export interface Tax {
  readonly group: string;
  readonly code: string;
  /** 5 % = 50_000. */
  readonly ratePerMillion: number;
}
