import { createPrivateKey, createSecretKey, generateKeyPairSync, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { KeyUsage } from '../../../topology/keys.ts';
import { cutLog, openShreddingDatabase, PAD_COLUMN } from '../sqlite/shredding.ts';
import { open, seal } from './blob.ts';
import { rootKey } from './root-key.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    usage TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    deletion_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS generations (
    place INTEGER PRIMARY KEY,
    key_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ${PAD_COLUMN},
    material BLOB NOT NULL,
    UNIQUE (key_id, generation)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS withdrawn_generations (
    key_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (key_id, generation)
  ) STRICT, WITHOUT ROWID;`;

export interface StoredKey {
  readonly id: string;
  readonly usage: KeyUsage;
  /** UTC ms. */
  readonly createdAt: number;
  readonly enabled: boolean;
  /** UTC ms; absent unless deletion is scheduled. */
  readonly deletionAt?: number;
}

export interface StoredGeneration {
  /** From 1. */
  readonly generation: number;
  /** UTC ms. */
  readonly createdAt: number;
  /** From when on it is used for nothing, UTC ms; null unless it was withdrawn. */
  readonly withdrawnAt: number | null;
}

interface KeyRow {
  readonly id: string;
  readonly usage: KeyUsage;
  readonly created_at: number;
  readonly enabled: number;
  readonly deletion_at: number | null;
}

/**
 * Key material at rest, each generation sealed under the root key file. Honest limits: this models the boundary of a
 * hardware module by discipline, not by hardware. Whoever reads both `kms.db` and the root key file, or the memory of the
 * process, has every key; in production the keys are in AWS KMS and this file does not exist.
 */
export class KeyVault {
  readonly #database: DatabaseSync;
  readonly #root: KeyObject;
  readonly #material = new Map<string, KeyObject>();
  readonly #find: StatementSync;
  readonly #generations: StatementSync;
  /** What was read in this turn of the event loop: a run that unwraps thousands of keys asks once for the one that wraps them. */
  readonly #found = new Map<string, StoredKey | undefined>();
  readonly #listed = new Map<string, readonly StoredGeneration[]>();
  #forgetting: NodeJS.Immediate | undefined;

  constructor(path: string, rootKeyPath: string) {
    this.#database = openShreddingDatabase(path, SCHEMA);
    this.#find = this.#database.prepare('SELECT * FROM keys WHERE id = ?');
    this.#generations = this.#database.prepare(
      `SELECT generation, created_at AS createdAt, at AS withdrawnAt FROM generations
       LEFT JOIN withdrawn_generations USING (key_id, generation) WHERE key_id = ? ORDER BY generation`,
    );
    const { count } = this.#database.prepare('SELECT count(*) AS count FROM generations').get() as { count: number };
    this.#root = rootKey(rootKeyPath, count > 0);
    cutLog(this.#database);
  }

  find(id: string): StoredKey | undefined {
    return this.#within(this.#found, id, () => storedKey(this.#find.get(id) as KeyRow | undefined));
  }

  /** Oldest first. */
  generations(id: string): readonly StoredGeneration[] {
    return this.#within(this.#listed, id, () => this.#generations.all(id) as unknown as StoredGeneration[]);
  }

  /** Secret or private key of a generation. */
  material(key: StoredKey, generation: number): KeyObject | undefined {
    const name = materialName(key, generation);
    const held = this.#material.get(name);
    if (held) return held;
    const row = this.#database.prepare('SELECT material FROM generations WHERE key_id = ? AND generation = ?').get(key.id, generation);
    if (row === undefined) return undefined;
    const bytes = open(this.#root, Buffer.from(row['material'] as Uint8Array), Buffer.from(name));
    const loaded = isAsymmetric(key.usage) ? createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }) : createSecretKey(bytes);
    bytes.fill(0);
    this.#material.set(name, loaded);
    return loaded;
  }

  /** What the key service marks the lines of its record with. */
  recordKey(): KeyObject {
    return createSecretKey(Buffer.from(hkdfSync('sha256', this.#root, '', 'joulekeep kms record', 32)));
  }

  create(id: string, usage: KeyUsage, now: number): void {
    this.#forget();
    this.#transact(() => {
      this.#database.prepare('INSERT INTO keys (id, usage, created_at, enabled) VALUES (?, ?, ?, 1)').run(id, usage, now);
      this.#insertGeneration({ id, usage, createdAt: now, enabled: true }, 1, now);
    });
  }

  addGeneration(key: StoredKey, now: number): number {
    const generation = (this.generations(key.id).at(-1)?.generation ?? 0) + 1;
    this.#insertGeneration(key, generation, now);
    return generation;
  }

  setEnabled(id: string, enabled: boolean): void {
    this.#forget();
    this.#database.prepare('UPDATE keys SET enabled = ? WHERE id = ?').run(enabled ? 1 : 0, id);
  }

  setDeletion(id: string, at: number | undefined): void {
    this.#forget();
    this.#database.prepare('UPDATE keys SET deletion_at = ? WHERE id = ?').run(at ?? null, id);
  }

  /** From here on the generation is used for nothing; what it signed can still be looked at. */
  withdraw(id: string, generation: number, now: number): void {
    this.#forget();
    this.#database.prepare('INSERT OR IGNORE INTO withdrawn_generations VALUES (?, ?, ?)').run(id, generation, now);
  }

  /** Removes a key with all its generations from the file, its log and memory. */
  purge(id: string): void {
    this.#forget();
    this.#transact(() => {
      this.#database.prepare('DELETE FROM generations WHERE key_id = ?').run(id);
      this.#database.prepare('DELETE FROM keys WHERE id = ?').run(id);
    });
    for (const name of this.#material.keys()) if (name.startsWith(`${id}\0`)) this.#material.delete(name);
    cutLog(this.#database);
  }

  ids(): readonly string[] {
    return (this.#database.prepare('SELECT id FROM keys ORDER BY id').all() as { id: string }[]).map(({ id }) => id);
  }

  close(): void {
    this.#forget();
    this.#material.clear();
    this.#database.close();
  }

  #within<T>(read: Map<string, T>, id: string, run: () => T): T {
    if (read.has(id)) return read.get(id) as T;
    const found = run();
    read.set(id, found);
    this.#forgetting ??= setImmediate(() => this.#forget());
    return found;
  }

  #forget(): void {
    clearImmediate(this.#forgetting);
    this.#forgetting = undefined;
    this.#found.clear();
    this.#listed.clear();
  }

  #insertGeneration(key: StoredKey, generation: number, now: number): void {
    const bytes = newMaterial(key.usage);
    const sealed = seal(this.#root, bytes, Buffer.from(materialName(key, generation)));
    bytes.fill(0);
    this.#database
      .prepare('INSERT INTO generations (key_id, generation, created_at, material) VALUES (?, ?, ?, ?)')
      .run(key.id, generation, now, sealed);
    this.#forget();
  }

  #transact(run: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      run();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function storedKey(row: KeyRow | undefined): StoredKey | undefined {
  if (row === undefined) return undefined;
  const key = { id: row.id, usage: row.usage, createdAt: row.created_at, enabled: row.enabled === 1 };
  return row.deletion_at === null ? key : { ...key, deletionAt: row.deletion_at };
}

function materialName(key: Pick<StoredKey, 'id' | 'usage'>, generation: number): string {
  return `${key.id}\0${generation}\0${key.usage}`;
}

function newMaterial(usage: KeyUsage): Buffer {
  if (!isAsymmetric(usage)) return randomBytes(32);
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'der', type: 'pkcs8' });
}

function isAsymmetric(usage: KeyUsage): boolean {
  return usage === 'key-agreement' || usage === 'sign-verify';
}
