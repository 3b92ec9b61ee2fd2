import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../../events/index.ts';
import type { KeyRow } from '../../../platform/ports/key-table.ts';
import type { Platform } from '../../../platform/ports/platform.ts';

const SHARDS = 64;
const DAY = 86_400_000;

/** Life of shard data keys, milliseconds. */
export const SHARD_LIFE = {
  /** New secrets get a new shard key after this long. */
  renewAfter: 30 * DAY,
  /** Plaintext stays in memory at most this long. */
  inMemory: 15 * 60_000,
  /** No secret lives longer than 28 days behind its proposal: then nothing is wrapped by the key any more. */
  destroyAfter: 60 * DAY,
} as const;

export interface ShardKey {
  readonly key: KeyObject;
  /** Id of the row that holds it wrapped. */
  readonly row: string;
}

/**
 * Data keys of the 64 shards: one KMS call opens the key of a 64th of the fleet for 15 minutes, so KMS is called per
 * shard and quarter of an hour, never per meter or reading.
 */
export class ShardKeys {
  readonly #platform: Pick<Platform, 'keys' | 'kms' | 'clock'>;
  readonly #opened = new Map<string, { readonly key: Promise<ShardKey>; readonly at: number }>();
  readonly #current = new Map<number, { row: KeyRow; readAt: number }>();

  constructor(platform: Pick<Platform, 'keys' | 'kms' | 'clock'>) {
    this.#platform = platform;
  }

  /** The key new secrets of this meter are wrapped by; made when there is none or the newest is 30 days old. */
  async current(meterId: string): Promise<ShardKey> {
    const shard = shardOf(meterId);
    const now = this.#platform.clock.now();
    const known = this.#current.get(shard);
    if (known !== undefined && now - known.readAt < SHARD_LIFE.inMemory && isYoung(known.row, now)) return this.#open(known.row);
    const rows = await this.#platform.keys.list(`shard/${shard}/`);
    const newest = rows.toSorted((a, b) => a.createdAt - b.createdAt).at(-1);
    const row = newest !== undefined && isYoung(newest, now) ? newest : await this.#make(shard, now);
    this.#current.set(shard, { row, readAt: now });
    return this.#open(row);
  }

  /** The key of a row. @throws ERR_KEY_ROW_MISSING when it is destroyed, and with it all it wrapped */
  async byRow(id: string): Promise<ShardKey> {
    const opened = this.#inMemory(id);
    if (opened !== undefined) return opened;
    const row = await this.#platform.keys.get(id);
    if (row === undefined) throw new JoulekeepError('ERR_KEY_ROW_MISSING', `${id} is gone`);
    return this.#open(row);
  }

  async #make(shard: number, now: number): Promise<KeyRow> {
    const { wrapped } = await this.#platform.kms.generateDataKey('shard-kek', { shard: String(shard) });
    const createdAt = String(now).padStart(14, '0');
    const destroyAt = now + SHARD_LIFE.destroyAfter;
    return this.#platform.keys.putIfAbsent({
      id: `shard/${shard}/${createdAt}`,
      wrapped,
      wrappedBy: 'shard-kek',
      createdAt: now,
      destroyAt,
    });
  }

  #open(row: KeyRow): Promise<ShardKey> {
    const opened = this.#inMemory(row.id);
    if (opened !== undefined) return opened;
    const key = this.#unwrap(row);
    this.#opened.set(row.id, { key, at: this.#platform.clock.now() });
    key.catch(() => this.#opened.delete(row.id));
    return key;
  }

  async #unwrap(row: KeyRow): Promise<ShardKey> {
    const plaintext = await this.#platform.kms.decrypt('shard-kek', row.wrapped, { shard: row.id.split('/')[1]! });
    const key = createSecretKey(plaintext);
    plaintext.fill(0);
    return { key, row: row.id };
  }

  /** Also lets go of every key that has been in memory for 15 minutes. */
  #inMemory(id: string): Promise<ShardKey> | undefined {
    const limit = this.#platform.clock.now() - SHARD_LIFE.inMemory;
    for (const [other, { at }] of this.#opened) if (at <= limit) this.#opened.delete(other);
    return this.#opened.get(id)?.key;
  }
}

/** Which of the 64 shards a meter belongs to. */
export function shardOf(meterId: string): number {
  return createHash('sha256').update(meterId).digest()[0]! % SHARDS;
}

function isYoung(row: KeyRow, now: number): boolean {
  return now - row.createdAt < SHARD_LIFE.renewAfter;
}
