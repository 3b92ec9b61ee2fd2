import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { pricerOf, type SlotPricing, type SlotTime } from '../../domain/tariff/pricing.ts';
import type { EnergyCharge } from '../../domain/tariff/tariff.ts';
import { JoulekeepError, PRICE_LIMIT } from '../../events/index.ts';
import { localMinutesOf } from '../billing/local-minutes.ts';
import { type LocalDay, slotCount } from '../shared/days/local-days.ts';

/** Prices of a local day by the tariff that holds on it, slot by slot: what a bill will charge for energy, before tax. */
export interface DayPrices {
  readonly tariff: string;
  readonly version: number;
  readonly currency: string;
  /** UTC s. */
  readonly start: number;
  readonly minutes: number;
  /** Micro-currency per kWh. */
  readonly prices: readonly number[];
  /** Names of the tariff's bands; empty where it has none. */
  readonly bands: readonly string[];
}

/**
 * The sum of the tariff's energy charges in each slot, by the same pricers that bills are rated with.
 * @param versions of the tariff, rising by date
 * @throws ERR_TARIFF_MISSING where none holds yet, ERR_PRICE_NOT_BY_SLOT for registers and tiers, ERR_PRICE_MISSING where a series
 * doesn't reach, ERR_PRICE_RANGE
 */
export function dayPrices(versions: readonly TariffAssignment[], day: LocalDay, minutes: number, timeZone: string): DayPrices {
  const held = versions.findLast(({ from }) => from <= day.day);
  if (held === undefined) throw new JoulekeepError('ERR_TARIFF_MISSING', `no version of the tariff holds on ${day.day}`);
  const { tariff, version, series } = held;
  const charges = tariff.charges.filter((charge): charge is EnergyCharge => charge.kind === 'energy');
  const pricers = charges.map(({ pricing, code }) => pricerOf(bySlot(pricing, code), tariff.calendar, series));
  const localMinutes = localMinutesOf(day.start, slotCount(day.start, day.end, minutes), minutes, timeZone);
  const slots = Array.from(localMinutes, (localMinute, i): SlotTime => ({ at: day.start + i * minutes * 60, day: day.day, localMinute }));
  const priced = slots.map((slot) => pricers.map((price) => price(slot)));
  return {
    tariff: tariff.id,
    version,
    currency: tariff.currency,
    start: day.start,
    minutes,
    prices: priced.map((parts) => bounded(parts.reduce((sum, { priceMicroPerKWh }) => sum + priceMicroPerKWh, 0n))),
    bands: priced.map((parts) => parts.flatMap(({ band }) => band ?? []).join(' + ')),
  };
}

function bySlot(pricing: EnergyCharge['pricing'], code: string): SlotPricing {
  if (pricing.kind !== 'registers' && pricing.kind !== 'tiers') return pricing;
  throw new JoulekeepError('ERR_PRICE_NOT_BY_SLOT', `charge ${code}: ${pricing.kind} give a slot no price of its own`);
}

function bounded(price: bigint): number {
  const number = Number(price);
  if (Math.abs(number) > PRICE_LIMIT) throw new JoulekeepError('ERR_PRICE_RANGE', `${price} micro-currency per kWh`);
  return number;
}
