import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { NO_CURRENCY } from '../../domain/tariff/money.ts';
import { type Pricer, pricerOf, type SlotTime } from '../../domain/tariff/pricing.ts';
import type { EnergyCharge, Tariff } from '../../domain/tariff/tariff.ts';
import { tariffOn } from '../../domain/usagepoint/queries.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { KeptTariffs } from '../billing/kept-tariffs.ts';
import { localMinutesOf } from '../billing/local-minutes.ts';
import { type LocalDay, localDay } from '../shared/days/local-days.ts';

/** What energy costs in each slot of a local day, taxes included, in SCALE-ths of a micro-unit per Wh; undefined = no price. */
export interface DayPrices {
  /** Begin of the day, UTC s, and its grid. */
  readonly start: number;
  readonly minutes: number;
  readonly import: SlotPrices;
  /** What is paid for export; undefined = nothing, or not by the slot. */
  readonly export: SlotPrices | undefined;
  /** Export is set off within each slot first. */
  readonly netted: boolean;
  /** Export is set off over a whole period: a slot that has any has no cost of its own. */
  readonly perPeriod: boolean;
}

/** The prices of a day's slots: most days have few that differ. */
export interface SlotPrices {
  /** By slot: which of the prices. */
  readonly which: Uint16Array;
  readonly prices: readonly (bigint | undefined)[];
}

const MILLION = 1_000_000;
/** Prices are per kWh, taxes per million. */
export const SCALE = 1_000n * BigInt(MILLION);

/** Days of tariffs whose prices stay in memory: a year of a few. */
const MOST_DAYS = 4_000;

/** Prices by the tariff of the time, from the same tariffs and the same pricers that bills are rated with. Nothing of a customer is kept. */
export class Prices {
  readonly #tariffs: KeptTariffs;
  readonly #days = new Map<string, DayPrices | undefined>();

  constructor(platform: Pick<Platform, 'events' | 'objects' | 'clock'>) {
    this.#tariffs = new KeptTariffs(platform);
  }

  /** The version that holds on a local date; undefined = none. */
  async tariffOn(point: OpenUsagePoint, day: string): Promise<TariffAssignment | undefined> {
    const id = tariffOn(point, day);
    if (id === undefined) return undefined;
    return (await this.#versions(id)).findLast(({ from }) => from <= day);
  }

  /** ISO 4217 of the tariff that holds, or the first there is; NO_CURRENCY where there never was one. */
  async currencyOf(point: OpenUsagePoint, day: string): Promise<string> {
    const held = (await this.tariffOn(point, day)) ?? (point.tariffs[0] && (await this.#versions(point.tariffs[0].tariff))[0]);
    return held?.tariff.currency ?? NO_CURRENCY;
  }

  /** Undefined where no tariff holds, and where one gives slots no price of their own: registers and tiers. */
  async on(point: OpenUsagePoint, day: string, minutes: number): Promise<DayPrices | undefined> {
    const held = await this.tariffOn(point, day);
    if (held === undefined) return undefined;
    const key = `${held.tariff.id} ${held.version} ${day} ${minutes} ${point.zone}`;
    if (this.#days.has(key)) return this.#days.get(key);
    const prices = pricesOf(held, localDay(day, point.zone), minutes, point.zone);
    if (this.#days.size >= MOST_DAYS) this.#days.clear();
    this.#days.set(key, prices);
    return prices;
  }

  async #versions(id: string): Promise<readonly TariffAssignment[]> {
    try {
      return await this.#tariffs.library.versions(id);
    } catch (error) {
      if (error instanceof JoulekeepError && error.code === 'ERR_TARIFF_UNKNOWN') return [];
      throw error;
    }
  }
}

function pricesOf({ tariff, series }: TariffAssignment, day: LocalDay, minutes: number, zone: string): DayPrices | undefined {
  const charges = tariff.charges.filter((charge): charge is EnergyCharge => charge.kind === 'energy');
  const priced: { readonly pricer: Pricer; readonly perMillion: bigint }[] = [];
  try {
    for (const { pricing, taxGroup } of charges) {
      if (pricing.kind === 'registers' || pricing.kind === 'tiers') return undefined;
      priced.push({ pricer: pricerOf(pricing, tariff.calendar, series), perMillion: withTax(tariff, taxGroup) });
    }
    const slots = slotsOf(day, minutes, zone);
    const perPeriod = tariff.export?.netting === 'per-period';
    const pricing = perPeriod ? undefined : tariff.export?.pricing;
    const payer = pricing && [{ pricer: pricerOf(pricing, tariff.calendar, series), perMillion: withTax(tariff, tariff.export?.taxGroup) }];
    return {
      ...{ start: day.start, minutes, perPeriod, netted: tariff.export?.netting === 'per-interval' },
      import: slotPrices(slots.map((slot) => priceAt(priced, slot))),
      export: payer && slotPrices(slots.map((slot) => priceAt(payer, slot))),
    };
  } catch (error) {
    if (isPriceless(error)) return undefined;
    throw error;
  }
}

function slotPrices(bySlot: readonly (bigint | undefined)[]): SlotPrices {
  const prices = [...new Set(bySlot)];
  const places = new Map(prices.map((price, i) => [price, i]));
  return { which: Uint16Array.from(bySlot, (price) => places.get(price)!), prices };
}

function slotsOf({ day, start, end }: LocalDay, minutes: number, zone: string): readonly SlotTime[] {
  const localMinutes = localMinutesOf(start, Math.floor((end - start) / (minutes * 60)), minutes, zone);
  return Array.from(localMinutes, (localMinute, i) => ({ at: start + i * minutes * 60, day, localMinute }));
}

function priceAt(priced: readonly { readonly pricer: Pricer; readonly perMillion: bigint }[], slot: SlotTime): bigint | undefined {
  try {
    return priced.reduce((sum, { pricer, perMillion }) => sum + pricer(slot).priceMicroPerKWh * perMillion, 0n);
  } catch (error) {
    if (isPriceless(error)) return undefined;
    throw error;
  }
}

/** Taxes on lines of a group, as the bill adds them. */
function withTax({ taxes }: Tariff, group: string | undefined): bigint {
  const rates = taxes.filter((tax) => group !== undefined && tax.group === group);
  return BigInt(rates.reduce((sum, { ratePerMillion }) => sum + ratePerMillion, MILLION));
}

function isPriceless(error: unknown): boolean {
  return error instanceof JoulekeepError && (error.code === 'ERR_PRICE_MISSING' || error.code === 'ERR_SERIES_MISSING');
}
