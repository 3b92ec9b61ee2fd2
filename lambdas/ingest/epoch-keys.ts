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

/** An epoch of one meter in a worker's memory: number of the cell in which it lies. Good until the meter is loaded again. */
export type EpochCell = number;

/** Epoch keys by the worker's number of a meter. Bytes lie in one growing arena, the rest in columns, objects only for the latest used. */
export class EpochKeyCache {
  /** Epochs proposed up to this instant (UTC ms) may not seal downlinks: the store was restored since. */
  fence = 0;
  /** By meter: cell of its newest epoch + 1; 0 = none. */
  #newest = new Uint32Array(FIRST_CELLS);
  /** UTC ms of the last look-up of an epoch that wasn't there, by meter and epoch. */
  readonly #absent = new Map<number, number>();
  /** By cell: the secret, and key and IV of the day last needed. */
  #arena = Buffer.alloc(FIRST_CELLS * CELL);
  #epoch = new Uint16Array(FIRST_CELLS);
  /** By cell: that day; -1 = none yet. */
  #generation = new Int32Array(FIRST_CELLS);
  /** By cell: cell of the meter's next older epoch + 1; 0 = none. */
  #older = new Uint32Array(FIRST_CELLS);
  /** By cell. */
  readonly #keys: (KeyObject | undefined)[] = [];
  /** By cell: UTC ms of its proposal. */
  #createdAt = new Float64Array(FIRST_CELLS);
  /** By cell: UTC ms after which the key table is asked again whether the epoch still exists. */
  #validUntil = new Float64Array(FIRST_CELLS);
  #cells = 0;
  readonly #freeCells: EpochCell[] = [];
  /** Cells that hold a key object, in the order they got it; the oldest gives way. */
  readonly #holders: EpochCell[] = [];
  readonly #mostObjects: number;
  #nextHolder = 0;
  readonly #iv = Buffer.alloc(IV);

  /** @param mostObjects key objects kept; beyond them the oldest is made again from its bytes when it is needed */
  constructor(mostObjects: number) {
    this.#mostObjects = mostObjects;
  }

  /** @returns undefined when the epoch isn't in memory, or has to be asked for again */
  find(meter: number, epoch: number, now: number): EpochCell | undefined {
    let next = this.#newest[meter] ?? 0;
    while (next !== 0 && this.#epoch[next - 1] !== epoch) next = this.#older[next - 1]!;
    return next !== 0 && now < this.#validUntil[next - 1]! ? next - 1 : undefined;
  }

  knows(meter: number): boolean {
    return (this.#newest[meter] ?? 0) !== 0;
  }

  /** Whether the meter has keys of a later epoch: then an earlier one without keys has had its time. */
  hasNewer(meter: number, epoch: number): boolean {
    const newest = this.#newest[meter] ?? 0;
    return newest !== 0 && this.#epoch[newest - 1]! > epoch;
  }

  /** Replaces what is known of a meter. @param secrets all its epochs that still exist */
  load(meter: number, secrets: readonly EpochSecret[], now: number): void {
    if (meter >= this.#newest.length) this.#newest = longer(this.#newest, new Uint32Array(Math.max(2 * this.#newest.length, meter + 1)));
    for (let old = this.#newest[meter]!; old !== 0; old = this.#older[old - 1]!) this.#release(old - 1);
    let newest = 0;
    for (const { epoch, secret, createdAt } of [...secrets].sort((a, b) => a.epoch - b.epoch)) {
      const lastDay = createdAt + EPOCH.destroyDays * DAY_MS;
      const cell = this.#takeCell();
      secret.copy(this.#arena, cell * CELL);
      this.#createdAt[cell] = createdAt;
      this.#validUntil[cell] = now < lastDay ? lastDay : now + HOUR_MS;
      this.#epoch[cell] = epoch;
      this.#generation[cell] = -1;
      this.#older[cell] = newest;
      newest = cell + 1;
    }
    this.#newest[meter] = newest;
  }

  /**
   * Keys of one day inside the epoch; another day's are derived again, for frames out of a spool.
   * @returns an object that is valid until the next call
   */
  keysOfDay(cell: EpochCell, generation: number): GenerationKeys {
    const keyAt = cell * CELL + SECRET;
    if (this.#generation[cell] !== generation) {
      const { key, iv } = generationBytes(epochKeys(this.secretOf(cell)).chain0, generation);
      key.copy(this.#arena, keyAt);
      iv.copy(this.#arena, keyAt + KEY);
      this.#generation[cell] = generation;
      this.#keys[cell] = undefined;
    }
    const key = this.#keys[cell] ?? this.#keyObject(cell);
    for (let i = 0; i < IV; i++) this.#iv[i] = this.#arena[keyAt + KEY + i]!;
    return { key, iv: this.#iv };
  }

  epochOf(cell: EpochCell): number {
    return this.#epoch[cell]!;
  }

  secretOf(cell: EpochCell): Buffer {
    return this.#arena.subarray(cell * CELL, cell * CELL + SECRET);
  }

  /** UTC ms of its proposal. */
  createdAtOf(cell: EpochCell): number {
    return this.#createdAt[cell]!;
  }

  macKeyOf(cell: EpochCell): KeyObject {
    return macDownOf(this.secretOf(cell));
  }

  noteAbsent(meter: number, epoch: number, now: number): void {
    if (this.#absent.size >= MOST_ABSENT) this.#absent.clear();
    this.#absent.set(meter * 65_536 + epoch, now);
  }

  lookedUpLately(meter: number, epoch: number, now: number): boolean {
    const at = this.#absent.get(meter * 65_536 + epoch);
    return at !== undefined && now - at < 60_000;
  }

  #keyObject(cell: EpochCell): KeyObject {
    const evicted = this.#holders[this.#nextHolder];
    if (evicted !== undefined) this.#keys[evicted] = undefined;
    this.#holders[this.#nextHolder] = cell;
    this.#nextHolder = (this.#nextHolder + 1) % this.#mostObjects;
    const keyAt = cell * CELL + SECRET;
    const key = createSecretKey(this.#arena.subarray(keyAt, keyAt + KEY));
    this.#keys[cell] = key;
    return key;
  }

  #takeCell(): EpochCell {
    const free = this.#freeCells.pop();
    if (free !== undefined) return free;
    const cell = this.#cells++;
    this.#keys.push(undefined);
    if (cell >= this.#epoch.length) this.#grow(Math.ceil(this.#epoch.length / 2) * 3);
    return cell;
  }

  #grow(cells: number): void {
    const larger = Buffer.alloc(cells * CELL);
    this.#arena.copy(larger);
    this.#arena.fill(0);
    this.#arena = larger;
    this.#epoch = longer(this.#epoch, new Uint16Array(cells));
    this.#generation = longer(this.#generation, new Int32Array(cells));
    this.#older = longer(this.#older, new Uint32Array(cells));
    this.#createdAt = longer(this.#createdAt, new Float64Array(cells));
    this.#validUntil = longer(this.#validUntil, new Float64Array(cells));
  }

  #release(cell: EpochCell): void {
    this.#arena.fill(0, cell * CELL, (cell + 1) * CELL);
    this.#freeCells.push(cell);
    this.#keys[cell] = undefined;
  }
}

function longer<A extends Uint16Array | Int32Array | Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
