import { forgedFrame } from './forgery.ts';
import { SeededRandom } from './random.ts';
import type { Town, TownHome } from './town.ts';

const HOUR_MS = 3_600_000;
/** It floods once, so long behind the begin of the town, and is not put off by being cut off: it goes on trying. */
const FLOOD_MS = 27 * HOUR_MS;
const FLOOD_FRAMES = 7_000;
const FRAMES_AN_HOUR = 4;

/**
 * The town with one meter more, behind all others: a spare of the utility's, enrolled and heard, that hangs nowhere and measures nothing.
 * @param idOf EUI-64 of a device by its name
 */
export function withStray(town: Town, idOf: (name: string) => string): Town {
  const { homes, dcIds, start, intervalMinutes } = town;
  const { zone } = homes[0]!.asset;
  const channel = { obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 9, multiplier: 1, validFrom: start } as const;
  // Of the grid, and in a leaf of its own: it is in no number of homes and at the head of no feeder.
  const asset = { intervalMinutes, channels: [channel], fuseW: 23_000, zone, areaLeaf: 'workshop', meterClass: 'grid' } as const;
  return { ...town, homes: [...homes, { meterId: idOf('stray'), asset, relays: [dcIds[0]!], spare: true }] };
}

/**
 * A meter that somebody took from the workshop and opened: it has a radio and a name that is known, and no key that opens anything.
 * @source X.1332 8.1 (a meter that was taken over floods the MDMS)
 */
export class Stray {
  readonly #home: TownHome;
  readonly #start: number;
  readonly #seed: string;

  constructor(home: TownHome, start: number, seed: string) {
    this.#home = home;
    this.#start = start;
    this.#seed = seed;
  }

  /** What it sends at this time: nothing but at full hours. The same time, the same frames. @param at UTC ms @param sample a frame as others send them */
  frames(at: number, sample: Buffer): readonly Buffer[] {
    const since = at - this.#start - FLOOD_MS;
    if (since < 0 || since % HOUR_MS !== 0) return [];
    const random = new SeededRandom(`${this.#seed} stray ${at}`);
    const count = since === 0 ? FLOOD_FRAMES : FRAMES_AN_HOUR;
    return Array.from({ length: count }, () => forgedFrame(sample, this.#home.meterId, random));
  }

  get relays(): readonly string[] {
    return this.#home.relays;
  }

  get meterId(): string {
    return this.#home.meterId;
  }
}
