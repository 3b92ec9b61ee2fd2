import { type DemandSeries, energyAt, slotsOfDay } from './series.ts';

/** How far back a value is looked for that stands in for a missing one. */
const MOST_DAYS_BACK = 28;

/**
 * What is known of a series when the forecast of `day` is made: everything before the slot `knownSlots` of the day before. Nothing after
 * it can be asked for. A missing value is that of the same slot on the nearest earlier day that has one, so that a gap never makes a
 * forecast impossible.
 */
export class KnownDemand {
  readonly #series: DemandSeries;
  readonly #day: number;
  readonly #knownSlots: number;
  readonly slots: number;

  /** @param knownSlots of the day before, 0 to all of it */
  constructor(series: DemandSeries, day: number, knownSlots: number) {
    this.#series = series;
    this.#day = day;
    this.#knownSlots = knownSlots;
    this.slots = slotsOfDay(series.intervalMinutes);
  }

  /** Days before the forecast's own day on which this slot was last seen: 1, or 2 where yesterday's is still to come. */
  freshest(slot: number): 1 | 2 {
    return slot < this.#knownSlots ? 1 : 2;
  }

  /** Wh `turns` whole days before the freshest of this slot. NaN when 28 days have none. */
  backBy(slot: number, turns: number): number {
    return this.#filled(slot, this.#day - this.freshest(slot) - turns);
  }

  /** Wh of the same slot so many days before the forecast's day, or the freshest if that is not known yet. */
  daysBack(slot: number, days: number): number {
    return this.#filled(slot, this.#day - Math.max(days, this.freshest(slot)));
  }

  /** The k-th slot back from the moment of the forecast (0 = the last one known), as it was `turns` days before. */
  recent(k: number, turns: number): number {
    return this.backBy((((this.#knownSlots - 1 - k) % this.slots) + this.slots) % this.slots, turns);
  }

  #filled(slot: number, from: number): number {
    for (let back = 0; back < MOST_DAYS_BACK; back++) {
      const energy = energyAt(this.#series, from - back, slot);
      if (!Number.isNaN(energy)) return energy;
    }
    return Number.NaN;
  }
}
