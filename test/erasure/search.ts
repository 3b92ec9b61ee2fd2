import { createSecretKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openBody as openCheckpoint } from '../../lambdas/shared/retained/sealed-body.ts';
import { SoftwareKms } from '../../platform/embedded/kms/kms.ts';
import { rowContextOf } from '../../platform/ports/subject-rows.ts';
import { openArchive } from '../../platform/store/archive-body.ts';
import { openBody, type StoredCommit } from '../../platform/store/commit.ts';
import { parseEnvelope } from '../../platform/store/envelope.ts';
import { openValue } from '../../platform/store/item-seal.ts';
import { defencesUnderTest } from '../support/defences.ts';
import type { ErasureTown } from './erasure-town.ts';

/** What is known of somebody. */
export interface Known {
  /** Of readings. */
  readonly value: number;
  /** Micro-currency. */
  readonly amounts: readonly bigint[];
  readonly words: readonly string[];
}

/** Everything that can be read by whoever has these folders and every key that exists. */
export class Readable {
  readonly #places: { readonly where: string; readonly content: unknown; readonly run?: number }[] = [];
  /** Commits and items that no key opens. */
  dead = 0;

  static async of(town: ErasureTown, folders: Readonly<Record<string, string>>): Promise<Readable> {
    const readable = new Readable();
    const keys = await everyKey(town);
    for (const [name, folder] of Object.entries(folders)) {
      readable.#files(name, folder);
      readable.#commits(`${name} events`, commitsOf(join(folder, 'events.db')), keys);
      readable.#items(name, folder, keys);
      await readable.#objects(name, folder, keys, town);
    }
    return readable;
  }

  /** The same of one thing that lies somewhere. */
  static holding(where: string, content: unknown): Readable {
    const readable = new Readable();
    readable.#places.push({ where, content });
    return readable;
  }

  /** Where any of it is. Each kind of place once. */
  find(known: Known): string[] {
    const found = this.#places.filter(({ content, run = RUN }) => holds(content, known, run)).map(({ where }) => where);
    return [...new Set(found)].sort();
  }

  /** Bytes as they lie: pages, log files of databases, free pages, objects, text. */
  #files(name: string, folder: string): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      this.#places.push({
        where: `${name} file ${relative(folder, path).replace(/[0-9a-f]{64}/, '*')}`,
        content: readFileSync(path),
        run: RUN_IN_FILE,
      });
    }
  }

  #commits(where: string, commits: Iterable<StoredCommit>, keys: ReadonlyMap<string, KeyObject>): void {
    for (const stored of commits) {
      const envelope = parseEnvelope(stored.envelope);
      const named = keys.get(envelope.keyId);
      const events =
        opened(() => openBody(stored, envelope, named!)) ??
        [...keys.values()].map((key) => opened(() => openBody(stored, envelope, key))).find((one) => one);
      if (events === undefined) this.dead++;
      else this.#places.push({ where: `${where} ${stored.stream.split('/')[0]}`, content: events });
    }
  }

  #items(name: string, folder: string, keys: ReadonlyMap<string, KeyObject>): void {
    const database = new DatabaseSync(join(folder, 'models.db'), { readOnly: true });
    const sql = 'SELECT name, partition, sort, stream, version, key_id, day, value FROM items WHERE value IS NOT NULL';
    for (const row of database.prepare(sql).all() as unknown as ItemRow[]) {
      const bytes = Buffer.from(row.value);
      const at = { table: row.name, partition: row.partition, sort: row.sort, upTo: { stream: row.stream, version: row.version } };
      const open = (key: KeyObject | undefined) => key && opened(() => openValue(at, { keyId: row.key_id, bytes }, key));
      const value = row.key_id === '' ? bytes : (open(keys.get(row.key_id)) ?? [...keys.values()].map(open).find((one) => one));
      if (value === undefined) this.dead++;
      else this.#places.push({ where: `${name} item ${row.name}`, content: value });
    }
    database.close();
  }

  async #objects(name: string, folder: string, keys: ReadonlyMap<string, KeyObject>, town: ErasureTown): Promise<void> {
    const within = (kind: string) => (existsSync(join(folder, 'objects', kind)) ? readdirSync(join(folder, 'objects', kind)) : []);
    for (const hash of within('archive')) {
      const archive = openArchive(readFileSync(join(folder, 'objects', 'archive', hash)), Buffer.from(hash, 'hex'));
      this.#commits(`${name} archive`, [...archive.values()].flat(), keys);
    }
    for (const hash of within('checkpoints').filter((entry) => /^[0-9a-f]{64}$/.test(entry))) {
      const body = readFileSync(join(folder, 'objects', 'checkpoints', hash));
      const plain = await openCheckpoint(town.as('archive'), '00000', body).catch(() => undefined);
      if (plain === undefined) this.dead++;
      else this.#places.push({ where: `${name} checkpoint`, content: plain });
    }
  }
}

interface ItemRow {
  readonly name: string;
  readonly partition: string;
  readonly sort: string;
  readonly stream: string;
  readonly version: number;
  readonly key_id: string;
  readonly value: Uint8Array;
}

/** Every row of the key table, unwrapped. */
async function everyKey(town: ErasureTown): Promise<ReadonlyMap<string, KeyObject>> {
  const path = (name: string) => join(town.directory, name);
  const { clock } = town;
  const kms = new SoftwareKms({ path: path('kms.db'), rootKeyPath: path('kms-root.key'), clock, defences: defencesUnderTest() });
  const database = new DatabaseSync(path('keys.db'), { readOnly: true });
  const rows = database.prepare('SELECT id, wrapped, wrapped_by FROM rows').all() as unknown as KeyTableRow[];
  const keys = new Map<string, KeyObject>();
  for (const { id, wrapped, wrapped_by: by } of rows) {
    if (by !== 'store-kek' && by !== 'subject-kek') continue;
    keys.set(id, createSecretKey(await kms.as('auditor').decrypt(by, Buffer.from(wrapped), rowContextOf(id))));
  }
  database.close();
  kms.close();
  return keys;
}

interface KeyTableRow {
  readonly id: string;
  readonly wrapped: Uint8Array;
  readonly wrapped_by: string;
}

function commitsOf(path: string): StoredCommit[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('SELECT stream, version, envelope, tag, body FROM commits').all() as unknown as StoredCommit[];
  database.close();
  const buffers = (row: StoredCommit) => ({ envelope: Buffer.from(row.envelope), tag: Buffer.from(row.tag), body: Buffer.from(row.body) });
  return rows.map((row) => ({ stream: row.stream, version: row.version, ...buffers(row) }));
}

function opened<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

/** So many values at equal distances are no accident: in three hours of somebody, and in a whole file of whatever. */
const RUN = 3;
const RUN_IN_FILE = 6;
const FURTHEST = 160;
/** Three other values lie between two of them; pages of databases have equal numbers side by side. */
const NEAREST = 4;

function holds(content: unknown, known: Known, run: number, depth = 0): boolean {
  if (depth > 12) return false;
  if (typeof content === 'bigint') return known.amounts.includes(content);
  if (typeof content === 'string') return inText(content, known);
  if (content instanceof Uint8Array) return inBytes(Buffer.from(content.buffer, content.byteOffset, content.byteLength), known, run);
  if (ArrayBuffer.isView(content)) return inNumbers(content as unknown as ArrayLike<number>, known);
  if (Array.isArray(content)) return inNumbers(content, known) || content.some((one) => holds(one, known, run, depth + 1));
  return typeof content === 'object' && content !== null && Object.values(content).some((one) => holds(one, known, run, depth + 1));
}

function inText(text: string, { value, words, amounts }: Known): boolean {
  if (words.some((word) => text.includes(word)) || amounts.some((amount) => text === String(amount))) return true;
  return isWritten(Buffer.from(text), value, RUN);
}

function inNumbers(numbers: ArrayLike<unknown>, { value }: Known): boolean {
  let count = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] === value) count++;
  return count >= RUN;
}

function inBytes(bytes: Buffer, { value, words, amounts }: Known, run: number): boolean {
  if (words.some((word) => bytes.includes(word))) return true;
  if (amounts.some((amount) => bytes.includes(String(amount)) || bytes.includes(eight(amount)))) return true;
  if (isWritten(bytes, value, run)) return true;
  const [big, little] = [Buffer.alloc(2), Buffer.alloc(2)];
  big.writeUInt16BE(value);
  little.writeUInt16LE(value);
  return isRepeated(bytes, big, run) || isRepeated(bytes, little, run);
}

function eight(amount: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(amount);
  return bytes;
}

function isRepeated(bytes: Buffer, two: Buffer, wanted: number): boolean {
  return isRow(new Set(placesOf(bytes, two)), wanted);
}

function placesOf(bytes: Buffer, what: Buffer): number[] {
  const at: number[] = [];
  for (let i = bytes.indexOf(what); i >= 0; i = bytes.indexOf(what, i + 1)) at.push(i);
  return at;
}

/** Whether some of these lie at equal distances, as many as are wanted. */
function isRow(at: ReadonlySet<number>, wanted: number): boolean {
  for (const first of at)
    for (let step = NEAREST; step <= FURTHEST; step++) {
      let run = 1;
      while (run < wanted && at.has(first + run * step)) run++;
      if (run === wanted) return true;
    }
  return false;
}

/** Text between two numbers of one series is no longer. */
const WIDEST_TEXT = 4_096;

/** The same of values that are written as numbers of a text, as in JSON, by how many other numbers lie between them. */
function isWritten(bytes: Buffer, value: number, wanted: number): boolean {
  const digits = Buffer.from(String(value));
  const isDigit = (at: number) => /\d/.test(String.fromCharCode(bytes[at] ?? 0));
  const places = placesOf(bytes, digits).filter((at) => !isDigit(at - 1) && !isDigit(at + digits.length));
  if (places.length < wanted) return false;
  const ordinals = new Set<number>();
  let ordinal = 0;
  for (const [i, at] of places.entries()) {
    const before = places[i - 1] ?? at;
    const isFar = at - before > WIDEST_TEXT;
    ordinal += isFar ? FURTHEST * wanted : (bytes.toString('latin1', before, at).match(/\d+/g)?.length ?? 0);
    ordinals.add(ordinal);
  }
  return isRow(ordinals, wanted);
}
