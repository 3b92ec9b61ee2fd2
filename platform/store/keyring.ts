import { createSecretKey, type KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { SubjectKey } from '../ports/event-store.ts';
import type { KeyRow, KeyTable } from '../ports/key-table.ts';
import type { Kms } from '../ports/kms.ts';
import type { Clock } from '../ports/platform.ts';
import { rowContextOf, SUBJECT_KEK, wholeSubjectOf } from '../ports/subject-rows.ts';
import type { DataKey } from './commit.ts';
import { HeldKeys, keyLifeOf } from './held-keys.ts';
import { type KeyClass, keyClassOf, keyClassPrefix, keyRowId, subjectClass } from './key-class.ts';

/** Subjects whose keys are loaded at once. */
export const PREPARE_LIMIT = 8_192;

/** Part of its life after which a key is opened again. */
const REFRESH_AFTER = 2 / 3;

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
  /** Unwrapped keys held at most, default twice PREPARE_LIMIT. */
  readonly capacity?: number;
}

/**
 * Data keys of streams, as one principal. Segments have a key each, renewed every 28 days, so that telemetry dies
 * with its key; meter days and bills lie under a key of their subject; other streams share one key per class and year. Old rows
 * stay until somebody destroys them.
 * @source X.1332 10.1 (keys stored and refreshed securely)
 */
export class Keyring {
  readonly #parts: KeyringParts;
  readonly #capacity: number;
  /** By row, and by class. */
  readonly #open: HeldKeys<OpenKey>;
  readonly #sealing: HeldKeys<SealingKey>;
  readonly #loading = new Map<string, Promise<void>>();
  readonly #faults = new Map<string, unknown>();

  constructor(parts: KeyringParts) {
    this.#parts = parts;
    this.#capacity = parts.capacity ?? 2 * PREPARE_LIMIT;
    this.#open = new HeldKeys(parts.clock, this.#capacity);
    this.#sealing = new HeldKeys(parts.clock, this.#capacity);
  }

  /** Makes sure that `sealingKey` has a key for the stream. Where none can be had, `sealingKey` says why. */
  async load(stream: string, subject?: SubjectKey): Promise<void> {
    const keyClass = keyClassOf(stream, subject);
    if (this.#fresh(keyClass) === undefined) await this.#loadClass(keyClass);
  }

  /**
   * Loads the keys of many subjects side by side, so that the rows to be made share one write.
   * @throws ERR_SUBJECTS_TOO_MANY over PREPARE_LIMIT, and what kept the first of them from being loaded
   */
  async prepare(subjects: readonly SubjectKey[]): Promise<void> {
    if (subjects.length > PREPARE_LIMIT)
      throw new JoulekeepError('ERR_SUBJECTS_TOO_MANY', `keys of ${PREPARE_LIMIT} subjects are prepared at once, not ${subjects.length}`);
    const cold = subjects.map(subjectClass).filter((keyClass) => this.#fresh(keyClass) === undefined);
    await Promise.all(cold.map((keyClass) => this.#loadClass(keyClass)));
    for (const { prefix } of cold) if (this.#faults.has(prefix)) throw this.#faults.get(prefix);
  }

  /**
   * Key under which the next commit of the stream is sealed, without I/O. Past two thirds of its life it is renewed in
   * the background, so that a busy stream never runs into the end.
   * @throws ERR_STREAM_KEY_COLD (retryable)
   */
  sealingKey(stream: string, subject?: SubjectKey): DataKey {
    const keyClass = keyClassOf(stream, subject);
    const found = this.#fresh(keyClass);
    if (found === undefined) {
      throw new JoulekeepError('ERR_STREAM_KEY_COLD', `${stream}: its key is not in memory`, {
        retryable: true,
        cause: this.#faults.get(keyClass.prefix),
      });
    }
    if (!this.#isYoung(keyClass.prefix, found)) void this.#loadClass(keyClass);
    return found;
  }

  /** Key of a row, or undefined when the row is destroyed. @throws what KMS throws when it will not unwrap it */
  async openingKey(keyId: string): Promise<KeyObject | undefined> {
    const held = this.#open.get(keyId);
    if (held !== undefined) return held.key;
    const row = await this.#parts.keys.get(keyId);
    return row === undefined ? undefined : (await this.#unwrap(row)).key;
  }

  /** Whether a row is there to be opened, by whoever may. */
  async isThere(keyId: string): Promise<boolean> {
    return (await this.#parts.keys.get(keyId)) !== undefined;
  }

  /** Whether a row was destroyed on purpose. */
  async wasDestroyed(keyId: string): Promise<boolean> {
    return (await this.#parts.keys.destroyed(keyId)).includes(keyId);
  }

  /** Drops a key at once, when its row is destroyed. */
  forget(keyId: string): void {
    this.#open.delete(keyId);
    const prefix = keyClassPrefix(keyId);
    if (this.#sealing.get(prefix)?.keyId === keyId) this.#sealing.delete(prefix);
  }

  #fresh(keyClass: KeyClass): SealingKey | undefined {
    const found = this.#sealing.get(keyClass.prefix);
    return found !== undefined && this.#parts.clock.now() < found.rotateAt ? found : undefined;
  }

  #isYoung(name: string, held: { readonly openedAt: number }): boolean {
    return this.#parts.clock.now() - held.openedAt < REFRESH_AFTER * keyLifeOf(name);
  }

  /** Never rejects: a fault is kept for `sealingKey` to name. */
  #loadClass(keyClass: KeyClass): Promise<void> {
    const underway = this.#loading.get(keyClass.prefix);
    if (underway) return underway;
    const loading = this.#findSealing(keyClass)
      .then(
        (sealing) => {
          this.#sealing.set(keyClass.prefix, sealing);
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
    const { rotateMs } = keyClass;
    if (newest === undefined) await this.#checkNotErased(keyClass);
    if (newest === undefined || now >= newest.createdAt + rotateMs) return await this.#makeSealing(keyClass, now);
    const held = this.#open.get(newest.id);
    const { key, openedAt } = held !== undefined && this.#isYoung(newest.id, held) ? held : await this.#unwrap(newest);
    return { keyId: newest.id, key, openedAt, rotateAt: newest.createdAt + rotateMs };
  }

  /**
   * Whose keys were all destroyed has none made again, of this month or of another: what comes late of an erased customer is recorded nowhere. Whose
   * key of a month was exchanged for another has that one left. @throws ERR_SUBJECT_ERASED
   */
  async #checkNotErased({ prefix, wrappedBy }: KeyClass): Promise<void> {
    if (wrappedBy !== SUBJECT_KEK) return;
    const { keys } = this.#parts;
    const all = wholeSubjectOf(prefix);
    const destroyed = await keys.destroyed(all);
    if (destroyed.length === 0) return;
    const isOfThese = destroyed.some((id) => id.startsWith(prefix));
    if (!isOfThese && (await keys.list(all)).length > 0) return;
    throw new JoulekeepError('ERR_SUBJECT_ERASED', `${prefix}: its keys were destroyed for good`);
  }

  /** Makes a row, unless another writer has made the very same; whoever wrote it, its bytes say what the key is. */
  async #makeSealing(keyClass: KeyClass, now: number): Promise<SealingKey> {
    const { wrappedBy, rotateMs } = keyClass;
    const id = keyRowId(keyClass, now);
    const { plaintext, wrapped } = await this.#parts.kms.generateDataKey(wrappedBy, rowContextOf(id));
    const row = await this.#parts.keys.putIfAbsent({ id, wrapped, wrappedBy, createdAt: now });
    const own = row.wrapped.equals(wrapped) ? this.#hold(id, plaintext) : undefined;
    plaintext.fill(0);
    const { key, openedAt } = own ?? (await this.#unwrap(row));
    return { keyId: row.id, key, openedAt, rotateAt: row.createdAt + rotateMs };
  }

  async #unwrap(row: KeyRow): Promise<OpenKey> {
    const plaintext = await this.#parts.kms.decrypt(row.wrappedBy, row.wrapped, rowContextOf(row.id));
    const opened = this.#hold(row.id, plaintext);
    plaintext.fill(0);
    return opened;
  }

  #hold(keyId: string, plaintext: Buffer): OpenKey {
    this.#sealing.sweep();
    const opened = { key: createSecretKey(plaintext), openedAt: this.#parts.clock.now() };
    this.#open.set(keyId, opened);
    return opened;
  }

  #holdFault(prefix: string, fault: unknown): void {
    this.#faults.set(prefix, fault);
    trim(this.#faults, this.#capacity);
  }
}

function trim(map: Map<string, unknown>, capacity: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(oldest);
  }
}
