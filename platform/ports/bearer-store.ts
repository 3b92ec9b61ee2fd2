import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { KeyTable } from './key-table.ts';
import type { Clock, Directory } from './platform.ts';

/** What lies behind a token or a code: plain data. */
export type BearerPayload = Readonly<Record<string, unknown>>;

interface Sealed {
  readonly payload: BearerPayload;
  /** UTC ms, by the platform's clock. */
  readonly expiresAt: number;
}

interface Written {
  readonly payload: BearerPayload;
  readonly seconds: number;
  readonly wrappedBy: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * What was given out as a secret and is shown again: codes, tokens, sessions. A row is found by the hash of the secret and sealed
 * under a key made of it, so whoever has the store has neither the secrets nor what they stand for. Rows that are written once lie
 * in the key table, which no backup contains; those that change lie in the directory.
 * @source X.1332 9.3; RFC 6819 5.1.4.1.3 (no clear text of credentials in the store)
 */
export class BearerStore {
  readonly #keys: KeyTable;
  readonly #directory: Directory;
  readonly #clock: Clock;

  constructor({ keys, directory, clock }: { readonly keys: KeyTable; readonly directory: Directory; readonly clock: Clock }) {
    this.#keys = keys;
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Writes once. @param id the secret @param seconds how long it lasts */
  async add(kind: string, id: string, payload: BearerPayload, seconds: number): Promise<void> {
    await this.#write(rowOf(kind, id), id, { payload, seconds, wrappedBy: 'its bearer' });
  }

  /** What was written for the secret; undefined for none, or one whose time is over. */
  async find(kind: string, id: string): Promise<BearerPayload | undefined> {
    const row = rowOf(kind, id);
    const found = await this.#keys.get(row);
    return found === undefined ? undefined : this.#current(open(row, id, found.wrapped));
  }

  async destroy(kind: string, id: string): Promise<void> {
    await this.#keys.destroy(rowOf(kind, id));
  }

  /** Marks something, once: of several who try, one alone is told true. @param seconds how long the mark has to last */
  async claim(what: string, id: string, seconds: number): Promise<boolean> {
    const now = this.#clock.now();
    const mine = randomBytes(16);
    const row = { id: rowOf(what, id), wrapped: mine, wrappedBy: 'nobody', createdAt: now, destroyAt: now + seconds * 1_000 };
    return Buffer.from((await this.#keys.putIfAbsent(row)).wrapped).equals(mine);
  }

  /** When something was marked, UTC ms. */
  async claimedAt(what: string, id: string): Promise<number | undefined> {
    return (await this.#keys.get(rowOf(what, id)))?.createdAt;
  }

  /** Writes once, beside what else belongs to an owner, whose name is no secret. @param name unique with the owner, in the order of reading */
  async addAmong(kind: string, owner: string, name: string, payload: BearerPayload, seconds: number): Promise<void> {
    await this.#write(`${rowOf(kind, owner)}.${name}`, owner, { payload, seconds, wrappedBy: 'its owner' });
  }

  /** One of what an owner has, by its name. */
  async findAmong(kind: string, owner: string, name: string): Promise<BearerPayload | undefined> {
    const row = `${rowOf(kind, owner)}.${name}`;
    const found = await this.#keys.get(row);
    return found === undefined ? undefined : this.#current(open(row, owner, found.wrapped));
  }

  /** What an owner has and whose time is not over. */
  async among(kind: string, owner: string): Promise<readonly BearerPayload[]> {
    const rows = await this.#keys.list(`${rowOf(kind, owner)}.`);
    return rows.map(({ id, wrapped }) => this.#current(open(id, owner, wrapped))).filter((payload) => payload !== undefined);
  }

  /** Writes over what was there. */
  async put(kind: string, id: string, payload: BearerPayload, seconds: number): Promise<void> {
    const key = entryOf(kind, id);
    const value = seal(key, id, { payload, expiresAt: this.#clock.now() + seconds * 1_000 });
    await this.#directory.put([{ key, value }]);
  }

  /** The same as `find`, of what can be written over. */
  async look(kind: string, id: string): Promise<BearerPayload | undefined> {
    const key = entryOf(kind, id);
    const value = await this.#directory.get(key);
    return value === undefined || value.length === 0 ? undefined : this.#current(open(key, id, value));
  }

  async forget(kind: string, id: string): Promise<void> {
    await this.#directory.put([{ key: entryOf(kind, id), value: Buffer.alloc(0) }]);
  }

  async #write(row: string, secret: string, { payload, seconds, wrappedBy }: Written): Promise<void> {
    const now = this.#clock.now();
    const destroyAt = now + seconds * 1_000;
    const wrapped = seal(row, secret, { payload, expiresAt: destroyAt });
    await this.#keys.putIfAbsent({ id: row, wrapped, wrappedBy, createdAt: now, destroyAt });
  }

  #current({ payload, expiresAt }: Sealed): BearerPayload | undefined {
    return this.#clock.now() < expiresAt ? payload : undefined;
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

function rowOf(kind: string, id: string): string {
  return `token/${kind}/${hashOf(id)}`;
}

function entryOf(kind: string, id: string): string {
  return `oauth/${kind}/${hashOf(id)}`;
}

function keyOf(place: string, id: string): Buffer {
  return Buffer.from(hkdfSync('sha256', id, '', `joulekeep ${place}`, 32));
}

function seal(place: string, id: string, sealed: Sealed): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(place, id), nonce, { authTagLength: TAG_BYTES });
  const body = Buffer.concat([cipher.update(JSON.stringify(sealed)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** @throws ERR_TOKEN_DAMAGED when what lies there is not what was written */
function open(place: string, id: string, value: Uint8Array): Sealed {
  const bytes = Buffer.from(value);
  const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)];
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(place, id), nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(tag);
    const body = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(body.toString()) as Sealed;
  } catch {
    throw new JoulekeepError('ERR_TOKEN_DAMAGED', 'what lies behind a token does not open');
  }
}
