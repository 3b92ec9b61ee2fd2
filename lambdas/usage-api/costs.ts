import { nearestWhole } from '../../domain/tariff/money.ts';
import { MISSING, type UsageLane } from '../project/day-usage.ts';
import { ABSENT, type HomeDay } from './home-usage.ts';
import { type DayPrices, SCALE, type SlotPrices } from './prices.ts';

/** Slots of a day, from the first to the one that is not among them. */
export interface Slots {
  readonly first: number;
  readonly last: number;
}

/**
 * What the energy of some slots costs by itself, without fixed charges, in SCALE-ths of a micro-unit.
 * @returns undefined where a slot with energy has no price of its own
 */
export function costOf(day: HomeDay, prices: DayPrices, { first, last }: Slots): bigint | undefined {
  const { import: taken, export: sent } = day;
  const offset = (day.start - prices.start) / (day.minutes * 60);
  const [charged, paid] = [new PricedSum(prices.import), prices.export && new PricedSum(prices.export)];
  for (let slot = first; slot < last; slot++) {
    let takenWh = energyIn(taken, slot);
    let sentWh = sent === undefined ? 0 : energyIn(sent, slot);
    if (prices.perPeriod && sentWh > 0) return undefined;
    if (prices.netted && sentWh > 0) {
      const both = Math.min(takenWh, sentWh);
      takenWh -= both;
      sentWh -= both;
    }
    if (takenWh > 0) charged.add(takenWh, offset + slot);
    if (sentWh > 0) paid?.add(sentWh, offset + slot);
  }
  const [cost, credit] = [charged.total, paid === undefined ? 0n : paid.total];
  return cost === undefined || credit === undefined ? undefined : cost - credit;
}

/** Half to even, as bills round. Decimal micro-units. */
export function moneyOf(scaled: bigint): string {
  return String(nearestWhole({ numerator: scaled, denominator: SCALE }));
}

/** What does not count has no energy in its lane. */
function energyIn(lane: UsageLane | undefined, slot: number): number {
  return lane?.energyWh[slot] ?? 0;
}

export function isThere(quality: number | undefined): boolean {
  return quality !== undefined && quality !== MISSING && quality !== ABSENT;
}

/** Energy by price: multiplied once each. */
class PricedSum {
  readonly #slots: SlotPrices;
  readonly #energyWh: Float64Array;
  /** Energy in a slot that the day's prices don't reach. */
  #unpriced = false;

  constructor(slots: SlotPrices) {
    this.#slots = slots;
    this.#energyWh = new Float64Array(slots.prices.length);
  }

  add(energyWh: number, slot: number): void {
    const which = this.#slots.which[slot];
    if (which === undefined) this.#unpriced = true;
    else this.#energyWh[which]! += energyWh;
  }

  /** Undefined where there is energy without a price. */
  get total(): bigint | undefined {
    if (this.#unpriced) return undefined;
    let total = 0n;
    for (const [i, energyWh] of this.#energyWh.entries()) {
      if (energyWh === 0) continue;
      const price = this.#slots.prices[i];
      if (price === undefined) return undefined;
      total += BigInt(energyWh) * price;
    }
    return total;
  }
}
