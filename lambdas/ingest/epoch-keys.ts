import type { KeyObject } from 'node:crypto';
import type { GenerationKeys } from '../../protocol/frame.ts';
import { EPOCH, epochKeys, generationOf, macDownOf } from '../../protocol/keys.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MOST_ABSENT = 100_000;

/** An epoch of one meter in a worker's memory: its secret, and the keys of the day last needed. Kept small: there are many. */
export interface EpochRing {
  readonly epoch: number;
  readonly secret: Buffer;
  /** UTC ms of its proposal. */
  readonly createdAt: number;
  /** UTC ms after which the key table is asked again whether the epoch still exists. */
  readonly validUntil: number;
  generation: number;
  keys: GenerationKeys | undefined;
  older: EpochRing | undefined;
}

/** What the key table holds of one epoch. */
export interface EpochSecret {
  readonly epoch: number;
  readonly secret: Buffer;
  /** UTC ms. */
  readonly createdAt: number;
}

/** Epoch keys by the worker's number of a meter. */
export class EpochKeyCache {
  /** Epochs proposed up to this instant (UTC ms) may not seal downlinks: the store was restored since. */
  fence = 0;
  readonly #rings: (EpochRing | undefined)[] = [];
  /** UTC ms of the last look-up of an epoch that wasn't there, by meter and epoch. */
  readonly #absent = new Map<number, number>();

  /** @returns undefined when the epoch isn't in memory, or has to be asked for again */
  find(meter: number, epoch: number, now: number): EpochRing | undefined {
    let ring = this.#rings[meter];
    while (ring !== undefined && ring.epoch !== epoch) ring = ring.older;
    return ring !== undefined && now < ring.validUntil ? ring : undefined;
  }

  knows(meter: number): boolean {
    return this.#rings[meter] !== undefined;
  }

  /** Replaces what is known of a meter. @param secrets all its epochs that still exist */
  load(meter: number, secrets: readonly EpochSecret[], now: number): void {
    let newest: EpochRing | undefined;
    for (const { epoch, secret, createdAt } of [...secrets].sort((a, b) => a.epoch - b.epoch)) {
      const lastDay = createdAt + EPOCH.destroyDays * DAY_MS;
      const validUntil = now < lastDay ? lastDay : now + HOUR_MS;
      // A copy: the vault's buffer holds the handshake's answer as well.
      newest = { epoch, secret: Buffer.from(secret), createdAt, validUntil, generation: -1, keys: undefined, older: newest };
    }
    this.#rings[meter] = newest;
  }

  noteAbsent(meter: number, epoch: number, now: number): void {
    if (this.#absent.size >= MOST_ABSENT) this.#absent.clear();
    this.#absent.set(meter * 65_536 + epoch, now);
  }

  lookedUpLately(meter: number, epoch: number, now: number): boolean {
    const at = this.#absent.get(meter * 65_536 + epoch);
    return at !== undefined && now - at < 60_000;
  }
}

/** Keys of one day inside the epoch; the day before is derived again for frames out of a spool. */
export function keysOfDay(ring: EpochRing, generation: number): GenerationKeys {
  if (ring.generation === generation && ring.keys !== undefined) return ring.keys;
  ring.keys = generationOf(epochKeys(ring.secret).chain0, generation);
  ring.generation = generation;
  return ring.keys;
}

export function macKeyOf(ring: EpochRing): KeyObject {
  return macDownOf(ring.secret);
}
