import { nearestWhole } from '../../domain/tariff/money.ts';
import { MISSING } from '../project/day-usage.ts';
import { ABSENT, type HomeDay } from './home-usage.ts';
import { type DayPrices, SCALE } from './prices.ts';

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
  const sum = new PricedSum();
  for (let slot = first; slot < last; slot++) {
    let takenWh = isThere(taken?.quality[slot]) ? taken!.energyWh[slot]! : 0;
    let sentWh = isThere(sent?.quality[slot]) ? sent!.energyWh[slot]! : 0;
    if (prices.perPeriod && sentWh > 0) return undefined;
    if (prices.netted) {
      const both = Math.min(takenWh, sentWh);
      takenWh -= both;
      sentWh -= both;
    }
    const isPriced = sum.add(takenWh, prices.import[offset + slot]);
    if (!isPriced) return undefined;
    if (sentWh > 0 && prices.export !== undefined && !sum.add(-sentWh, prices.export[offset + slot])) return undefined;
  }
  return sum.total;
}

/** Half to even, as bills round. Decimal micro-units. */
export function moneyOf(scaled: bigint): string {
  return String(nearestWhole({ numerator: scaled, denominator: SCALE }));
}

export function isThere(quality: number | undefined): boolean {
  return quality !== undefined && quality !== MISSING && quality !== ABSENT;
}

/** Slots that follow each other mostly have one price: they are multiplied once. */
class PricedSum {
  #done = 0n;
  #price = 0n;
  #energyWh = 0;

  /** @returns false for energy without a price */
  add(energyWh: number, price: bigint | undefined): boolean {
    if (energyWh === 0) return true;
    if (price === undefined) return false;
    if (price !== this.#price) {
      this.#done = this.total;
      this.#price = price;
      this.#energyWh = 0;
    }
    this.#energyWh += energyWh;
    return true;
  }

  get total(): bigint {
    return this.#done + BigInt(this.#energyWh) * this.#price;
  }
}
