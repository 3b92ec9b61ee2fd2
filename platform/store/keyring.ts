import { createSecretKey, type KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { KeyRow, KeyTable } from '../ports/key-table.ts';
import type { Kms } from '../ports/kms.ts';
import type { Clock } from '../ports/platform.ts';
import type { DataKey } from './commit.ts';
import { type KeyClass, keyClassOf, keyRowId } from './key-class.ts';

/** KMS key that wraps the data keys of streams. */
export const STORE_KEK = 'store-kek';
/** An unwrapped key stays in memory this long, by the platform's clock. */
export const KEY_LIFE_MS = 15 * 60_000;

const REFRESH_MS = 10 * 60_000;

interface OpenKey {
  readonly key: KeyObject;
  readonly openedAt: number;
}

interface SealingKey extends DataKey {
  readonly openedAt: number;
  /** UTC ms from which commits go under a new row. */
  readonly rotateAt: number;
}

export interface KeyringParts {
  readonly keys: KeyTable;
  readonly kms: Kms;
  readonly clock: Clock;
  /** Unwrapped keys held at most, default 1,024. */
  readonly capacity?: number;
}

/**
 * Data keys of streams, as one principal. Segments have a key each, renewed every 28 days, so that telemetry dies with
 * its key; other streams share one key per class and year. Old rows stay until somebody destroys them.
 * @source X.1332 10.1 (keys stored and refreshed securely)
 */
export class Keyring {
  readonly #parts: KeyringParts;
  readonly #capacity: number;
  /** In order of use, oldest first. */
  readonly #open = new Map<string, OpenKey>();
  readonly #sealing = new Map<string, SealingKey>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #faults = new Map<string, unknown>();

  constructor(parts: KeyringParts) {
    this.#parts = parts;
    this.#capacity = parts.capacity ?? 1024;
  }

  /** Makes sure that `sealingKey` has a key for the stream. Where none can be had, `sealingKey` says why. */
  async load(stream: string): Promise<void> {
    const keyClass = keyClassOf(stream);
    if (this.#fresh(keyClass) === undefined) await this.#loadClass(keyClass);
  }

  /**
   * Key under which the next commit of the stream is sealed, without I/O. Past two thirds of its life it is renewed in
   * the background, so that a busy stream never runs into the end.
   * @throws ERR_STREAM_KEY_COLD (retryable)
   */
  sealingKey(stream: string): DataKey {
    const keyClass = keyClassOf(stream);
    const found = this.#fresh(keyClass);
    if (found === undefined) {
      throw new JoulekeepError('ERR_STREAM_KEY_COLD', `${stream}: its key is not in memory`, {
        retryable: true,
        cause: this.#faults.get(keyClass.prefix),
      });
    }
    if (this.#parts.clock.now() - found.openedAt >= REFRESH_MS) void this.#loadClass(keyClass);
    return found;
  }

  /** Key of a row, or undefined when the row is destroyed. @throws what KMS throws when it will not unwrap it */
  async openingKey(keyId: string): Promise<KeyObject | undefined> {
    const held = this.#open.get(keyId);
    if (held !== undefined && this.#alive(held)) {
      this.#hold(keyId, held);
      return held.key;
    }
    this.#open.delete(keyId);
    const row = await this.#parts.keys.get(keyId);
    return row === undefined ? undefined : (await this.#unwrap(row)).key;
  }

  /** Drops a key at once, when its row is destroyed. */
  forget(keyId: string): void {
    this.#open.delete(keyId);
    for (const [prefix, sealing] of this.#sealing) if (sealing.keyId === keyId) this.#sealing.delete(prefix);
  }

  #fresh(keyClass: KeyClass): SealingKey | undefined {
    const found = this.#sealing.get(keyClass.prefix);
    return found !== undefined && this.#alive(found) && this.#parts.clock.now() < found.rotateAt ? found : undefined;
  }

  #alive(held: { readonly openedAt: number }): boolean {
    return this.#parts.clock.now() - held.openedAt < KEY_LIFE_MS;
  }

  /** Never rejects: a fault is kept for `sealingKey` to name. */
  #loadClass(keyClass: KeyClass): Promise<void> {
    const underway = this.#loading.get(keyClass.prefix);
    if (underway) return underway;
    const loading = this.#findSealing(keyClass)
      .then(
        (sealing) => {
          this.#holdSealing(keyClass.prefix, sealing);
          this.#faults.delete(keyClass.prefix);
        },
        (fault: unknown) => this.#holdFault(keyClass.prefix, fault),
      )
      .finally(() => this.#loading.delete(keyClass.prefix));
    this.#loading.set(keyClass.prefix, loading);
    return loading;
  }

  async #findSealing(keyClass: KeyClass): Promise<SealingKey> {
    const now = this.#parts.clock.now();
    const rows = await this.#parts.keys.list(keyClass.prefix);
    const newest = rows.at(-1);
    const row = newest !== undefined && now < newest.createdAt + keyClass.rotateMs ? newest : await this.#makeRow(keyClass, now);
    const { key, openedAt } = await this.#unwrap(row);
    return { keyId: row.id, key, openedAt, rotateAt: row.createdAt + keyClass.rotateMs };
  }

  async #makeRow(keyClass: KeyClass, now: number): Promise<KeyRow> {
    const id = keyRowId(keyClass, now);
    const { plaintext, wrapped } = await this.#parts.kms.generateDataKey(STORE_KEK, { row: id });
    plaintext.fill(0);
    return await this.#parts.keys.putIfAbsent({ id, wrapped, wrappedBy: STORE_KEK, createdAt: now });
  }

  async #unwrap(row: KeyRow): Promise<OpenKey> {
    this.#sweep();
    const plaintext = await this.#parts.kms.decrypt(row.wrappedBy, row.wrapped, { row: row.id });
    const opened = { key: createSecretKey(plaintext), openedAt: this.#parts.clock.now() };
    plaintext.fill(0);
    this.#hold(row.id, opened);
    return opened;
  }

  #sweep(): void {
    for (const [keyId, opened] of this.#open) if (!this.#alive(opened)) this.#open.delete(keyId);
    for (const [prefix, sealing] of this.#sealing) if (!this.#alive(sealing)) this.#sealing.delete(prefix);
  }

  #hold(keyId: string, opened: OpenKey): void {
    this.#open.delete(keyId);
    this.#open.set(keyId, opened);
    trim(this.#open, this.#capacity);
  }

  #holdFault(prefix: string, fault: unknown): void {
    this.#faults.set(prefix, fault);
    trim(this.#faults, this.#capacity);
  }

  #holdSealing(prefix: string, sealing: SealingKey): void {
    this.#sealing.delete(prefix);
    this.#sealing.set(prefix, sealing);
    trim(this.#sealing, this.#capacity);
  }
}

function trim(map: Map<string, unknown>, capacity: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(oldest);
  }
}
