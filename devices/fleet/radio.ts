import { SeededRandom } from './random.ts';

/** Which concentrators hear one transmission of a meter that several are in reach of. */
export class Radio {
  readonly #random: SeededRandom;

  constructor(seed: string) {
    this.#random = new SeededRandom(`${seed} radio`);
  }

  /** Mostly the nearest, now and then all of them (duplicates), now and then only the other. @param relays the nearest first */
  heardBy(relays: readonly string[]): readonly string[] {
    if (relays.length < 2) return relays;
    const luck = this.#random.next();
    if (luck < 0.3) return relays;
    return luck < 0.8 ? relays.slice(0, 1) : relays.slice(1);
  }
}
