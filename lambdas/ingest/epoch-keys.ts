import { createSecretKey, type KeyObject } from 'node:crypto';
import type { GenerationKeys } from '../../protocol/frame.ts';
import { EPOCH, epochKeys, generationBytes, macDownOf } from '../../protocol/keys.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MOST_ABSENT = 100_000;
const SECRET = 32;
const KEY = 32;
const IV = 12;
const CELL = SECRET + KEY + IV;
const FIRST_CELLS = 256;

/** What the key table holds of one epoch. */
export interface EpochSecret {
  readonly epoch: number;
  readonly secret: Buffer;
  /** UTC ms. */
  readonly createdAt: number;
}

/** An epoch of one meter in a worker's memory. Kept small: there are many. */
export interface EpochRing {
  readonly epoch: number;
  /** Place of its secret, and of key and IV of the day last needed, in the arena; and of its instants. */
  readonly cell: number;
  /** That day; -1 = none yet. */
  generation: number;
  key: KeyObject | undefined;
  readonly older: EpochRing | undefined;
}

/** Epoch keys by the worker's number of a meter. Bytes lie in one growing arena, objects only for the latest used. */
export class EpochKeyCache {
  /** Epochs proposed up to this instant (UTC ms) may not seal downlinks: the store was restored since. */
  fence = 0;
  readonly #rings: (EpochRing | undefined)[] = [];
  /** UTC ms of the last look-up of an epoch that wasn't there, by meter and epoch. */
  readonly #absent = new Map<number, number>();
  #arena = Buffer.alloc(FIRST_CELLS * CELL);
  /** By cell: UTC ms of its proposal. */
  #createdAt = new Float64Array(FIRST_CELLS);
  /** By cell: UTC ms after which the key table is asked again whether the epoch still exists. */
  #validUntil = new Float64Array(FIRST_CELLS);
  #cells = 0;
  readonly #freeCells: number[] = [];
  /** Rings that hold a key object, in the order they got it; the oldest gives way. */
  readonly #holders: (EpochRing | undefined)[] = [];
  readonly #mostObjects: number;
  #nextHolder = 0;
  readonly #iv = Buffer.alloc(IV);

  /** @param mostObjects key objects kept; beyond them the oldest is made again from its bytes when it is needed */
  constructor(mostObjects: number) {
    this.#mostObjects = mostObjects;
  }

  /** @returns undefined when the epoch isn't in memory, or has to be asked for again */
  find(meter: number, epoch: number, now: number): EpochRing | undefined {
    let ring = this.#rings[meter];
    while (ring !== undefined && ring.epoch !== epoch) ring = ring.older;
    return ring !== undefined && now < this.#validUntil[ring.cell / CELL]! ? ring : undefined;
  }

  knows(meter: number): boolean {
    return this.#rings[meter] !== undefined;
  }

  /** Whether the meter has keys of a later epoch: then an earlier one without keys has had its time. */
  hasNewer(meter: number, epoch: number): boolean {
    return (this.#rings[meter]?.epoch ?? 0) > epoch;
  }

  /** Replaces what is known of a meter. @param secrets all its epochs that still exist */
  load(meter: number, secrets: readonly EpochSecret[], now: number): void {
    for (let old = this.#rings[meter]; old !== undefined; old = old.older) this.#release(old);
    let newest: EpochRing | undefined;
    for (const { epoch, secret, createdAt } of [...secrets].sort((a, b) => a.epoch - b.epoch)) {
      const lastDay = createdAt + EPOCH.destroyDays * DAY_MS;
      const cell = this.#takeCell();
      secret.copy(this.#arena, cell);
      this.#createdAt[cell / CELL] = createdAt;
      this.#validUntil[cell / CELL] = now < lastDay ? lastDay : now + HOUR_MS;
      newest = { epoch, cell, generation: -1, key: undefined, older: newest };
    }
    this.#rings[meter] = newest;
  }

  /**
   * Keys of one day inside the epoch; another day's are derived again, for frames out of a spool.
   * @returns an object that is valid until the next call
   */
  keysOfDay(ring: EpochRing, generation: number): GenerationKeys {
    const keyAt = ring.cell + SECRET;
    if (ring.generation !== generation) {
      const { key, iv } = generationBytes(epochKeys(this.secretOf(ring)).chain0, generation);
      key.copy(this.#arena, keyAt);
      iv.copy(this.#arena, keyAt + KEY);
      ring.generation = generation;
      ring.key = undefined;
    }
    ring.key ??= this.#keyObject(ring, keyAt);
    for (let i = 0; i < IV; i++) this.#iv[i] = this.#arena[keyAt + KEY + i]!;
    return { key: ring.key, iv: this.#iv };
  }

  secretOf(ring: EpochRing): Buffer {
    return this.#arena.subarray(ring.cell, ring.cell + SECRET);
  }

  /** UTC ms of its proposal. */
  createdAtOf(ring: EpochRing): number {
    return this.#createdAt[ring.cell / CELL]!;
  }

  macKeyOf(ring: EpochRing): KeyObject {
    return macDownOf(this.secretOf(ring));
  }

  noteAbsent(meter: number, epoch: number, now: number): void {
    if (this.#absent.size >= MOST_ABSENT) this.#absent.clear();
    this.#absent.set(meter * 65_536 + epoch, now);
  }

  lookedUpLately(meter: number, epoch: number, now: number): boolean {
    const at = this.#absent.get(meter * 65_536 + epoch);
    return at !== undefined && now - at < 60_000;
  }

  #keyObject(ring: EpochRing, keyAt: number): KeyObject {
    const evicted = this.#holders[this.#nextHolder];
    if (evicted !== undefined) evicted.key = undefined;
    this.#holders[this.#nextHolder] = ring;
    this.#nextHolder = (this.#nextHolder + 1) % this.#mostObjects;
    return createSecretKey(this.#arena.subarray(keyAt, keyAt + KEY));
  }

  #takeCell(): number {
    const free = this.#freeCells.pop();
    if (free !== undefined) return free;
    const cell = this.#cells++ * CELL;
    if (cell + CELL > this.#arena.length) this.#grow(Math.ceil(this.#arena.length / CELL / 2) * 3);
    return cell;
  }

  #grow(cells: number): void {
    const larger = Buffer.alloc(cells * CELL);
    this.#arena.copy(larger);
    this.#arena.fill(0);
    this.#arena = larger;
    this.#createdAt = longer(this.#createdAt, cells);
    this.#validUntil = longer(this.#validUntil, cells);
  }

  #release(ring: EpochRing): void {
    this.#arena.fill(0, ring.cell, ring.cell + CELL);
    this.#freeCells.push(ring.cell);
    ring.key = undefined;
  }
}

function longer(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length);
  copy.set(column);
  return copy;
}
