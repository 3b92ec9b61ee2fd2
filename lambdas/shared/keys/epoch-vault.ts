import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { JoulekeepError } from '../../../events/index.ts';
import type { KeyRow } from '../../../platform/ports/key-table.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { ShardKeys } from './shard-keys.ts';

const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What the first writer of an epoch left: later ones get it instead of their own. */
export interface KeptEpoch {
  /** Id of the key table's row. */
  readonly row: string;
  /** 32 bytes. */
  readonly secret: Buffer;
  /** What was stored beside the secret. */
  readonly note: Buffer;
}

/**
 * Epoch secrets at rest: AES-256-GCM under a shard data key that KMS wraps, meter and epoch as additional data. Only
 * principals that may use `shard-kek` get anything out of it. Nothing is cached but shard keys; callers cache what they open.
 * @source X.1332 9.1 (stored secrets), 10.1 (keys stored and refreshed securely)
 */
export class EpochVault {
  readonly #platform: Pick<Platform, 'keys' | 'kms' | 'clock'>;
  readonly #shards: ShardKeys;

  constructor(platform: Pick<Platform, 'keys' | 'kms' | 'clock'>) {
    this.#platform = platform;
    this.#shards = new ShardKeys(platform);
  }

  /** Stores a secret. @returns id of the row, whose content is this secret or, when somebody was faster, the first one */
  async store(meterId: string, epoch: number, secret: Buffer): Promise<string> {
    return (await this.keep(meterId, epoch, secret, Buffer.alloc(0))).row;
  }

  /**
   * Stores a secret and a note as one row, unless the row is there: the first writer wins and everybody gets what it
   * wrote. Durable when it resolves. @param note up to 4 KB, sealed with the secret
   */
  async keep(meterId: string, epoch: number, secret: Buffer, note: Buffer): Promise<KeptEpoch> {
    const shard = await this.#shards.current(meterId);
    const wrapped = seal(shard.key, Buffer.concat([secret, note]), additionalData(meterId, epoch));
    const createdAt = this.#platform.clock.now();
    const row = await this.#platform.keys.putIfAbsent({ id: epochRow(meterId, epoch), wrapped, wrappedBy: shard.row, createdAt });
    if (row.wrapped.equals(wrapped)) return { row: row.id, secret, note };
    return this.#open(row, meterId, epoch);
  }

  /** What is kept for the epoch, with its note. */
  async find(meterId: string, epoch: number): Promise<KeptEpoch | undefined> {
    const row = await this.#platform.keys.get(epochRow(meterId, epoch));
    return row === undefined ? undefined : this.#open(row, meterId, epoch);
  }

  /** Epochs whose secret exists, rising. One read of the key table. */
  async epochs(meterId: string): Promise<number[]> {
    const rows = await this.#platform.keys.list(`epoch/${meterId}/`);
    return rows.map((row) => Number(row.id.slice(-5)));
  }

  /** Secrets of all epochs that exist, rising, in one read of the key table. `createdAt` (UTC ms) is when it was proposed. */
  async secrets(meterId: string): Promise<{ epoch: number; secret: Buffer; createdAt: number }[]> {
    const rows = await this.#platform.keys.list(`epoch/${meterId}/`);
    const opened: { epoch: number; secret: Buffer; createdAt: number }[] = [];
    for (const row of rows) {
      const epoch = Number(row.id.slice(-5));
      opened.push({ epoch, secret: (await this.#open(row, meterId, epoch)).secret, createdAt: row.createdAt });
    }
    return opened;
  }

  /** @returns 32 bytes; undefined when there is none (any more) */
  async secret(meterId: string, epoch: number): Promise<Buffer | undefined> {
    return (await this.find(meterId, epoch))?.secret;
  }

  /** Overwrites and removes the secret. Idempotent; needs no right to open it. */
  async destroy(meterId: string, epoch: number): Promise<void> {
    await this.#platform.keys.destroy(epochRow(meterId, epoch));
  }

  async #open(row: KeyRow, meterId: string, epoch: number): Promise<KeptEpoch> {
    const shard = await this.#shards.byRow(row.wrappedBy);
    const opened = open(shard.key, row.wrapped, additionalData(meterId, epoch));
    return { row: row.id, secret: opened.subarray(0, SECRET_BYTES), note: opened.subarray(SECRET_BYTES) };
  }
}

/** Id of the key table's row of an epoch. */
export function epochRow(meterId: string, epoch: number): string {
  return `epoch/${meterId}/${String(epoch).padStart(5, '0')}`;
}

function additionalData(meterId: string, epoch: number): Buffer {
  const data = Buffer.alloc(10);
  data.write(meterId, 'hex');
  data.writeUInt16BE(epoch, 8);
  return data;
}

function seal(key: KeyObject, plaintext: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @throws ERR_KEY_ROW_DAMAGED when the row is not what was stored for this meter and epoch */
function open(key: KeyObject, wrapped: Buffer, aad: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(aad);
    decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, wrapped.length - TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new JoulekeepError('ERR_KEY_ROW_DAMAGED', 'an epoch secret does not open', { cause });
  }
}
