import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StreamHead } from '../ports/event-store.ts';
import type { SignedTrim, StoredAnchor } from '../store/trim-record.ts';

/** A record is kept once, however many streams it is about, and as long as one of them begins behind it. */
export const ANCHOR_SCHEMA = `
  CREATE TABLE IF NOT EXISTS trims (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    object BLOB NOT NULL,
    finished INTEGER NOT NULL DEFAULT 0,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS trims_by_object ON trims (object);
  CREATE INDEX IF NOT EXISTS trims_unfinished ON trims (id) WHERE finished = 0;
  CREATE TABLE IF NOT EXISTS anchors (
    stream TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    hash BLOB NOT NULL,
    trim_id INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS anchors_by_trim ON anchors (trim_id);`;

interface AnchorRow {
  readonly version: number;
  readonly hash: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Where the hot parts of streams begin. Writes are made inside a transaction of whoever owns the file. */
export class AnchorTable {
  readonly #get: StatementSync;
  readonly #nextName: StatementSync;
  readonly #add: StatementSync;
  readonly #set: StatementSync;
  readonly #before: StatementSync;
  readonly #forget: StatementSync;
  readonly #heads: StatementSync;
  readonly #finish: StatementSync;
  readonly #unfinished: StatementSync;
  readonly #named: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare(
      'SELECT version, hash, payload, signature FROM anchors JOIN trims ON trims.id = anchors.trim_id WHERE stream = ?',
    );
    this.#nextName = database.prepare('SELECT stream FROM anchors WHERE stream > ? AND stream < ? ORDER BY stream LIMIT 1');
    this.#add = database.prepare('INSERT INTO trims (object, payload, signature) VALUES (?, ?, ?)');
    this.#set = database.prepare(
      `INSERT INTO anchors (stream, version, hash, trim_id) VALUES (?, ?, ?, ?)
       ON CONFLICT (stream) DO UPDATE SET version = excluded.version, hash = excluded.hash, trim_id = excluded.trim_id`,
    );
    this.#before = database.prepare('SELECT trim_id FROM anchors WHERE stream = ?');
    this.#forget = database.prepare('DELETE FROM trims WHERE id = ? AND NOT EXISTS (SELECT 1 FROM anchors WHERE trim_id = trims.id)');
    this.#heads = database.prepare('SELECT stream, version, hash FROM anchors WHERE trim_id = ? ORDER BY stream');
    this.#finish = database.prepare('UPDATE trims SET finished = 1 WHERE id = ?');
    this.#unfinished = database.prepare('SELECT id FROM trims WHERE finished = 0 ORDER BY id');
    this.#named = database.prepare('SELECT 1 FROM trims WHERE object = ? LIMIT 1');
  }

  get(stream: string): StoredAnchor | undefined {
    const row = this.#get.get(stream) as AnchorRow | undefined;
    if (row === undefined) return undefined;
    const trim = { payload: Buffer.from(row.payload), signature: Buffer.from(row.signature) };
    return { head: { stream, version: row.version, hash: Buffer.from(row.hash) }, trim };
  }

  nextName(after: string, before: string): string | undefined {
    return (this.#nextName.get(after, before) as { stream: string } | undefined)?.stream;
  }

  /** Records that no stream rests on any more are forgotten. @returns id of the new one */
  put(heads: readonly StreamHead[], { payload, signature }: SignedTrim, object: Buffer): number {
    const before = new Set(heads.flatMap(({ stream }) => (this.#before.get(stream) as { trim_id: number } | undefined)?.trim_id ?? []));
    const id = Number(this.#add.run(object, payload, signature).lastInsertRowid);
    for (const { stream, version, hash } of heads) this.#set.run(stream, version, hash, id);
    for (const old of before) this.#forget.run(old);
    return id;
  }

  headsOf(id: number): readonly StreamHead[] {
    const rows = this.#heads.all(id) as { stream: string; version: number; hash: Uint8Array }[];
    return rows.map(({ hash, ...row }) => ({ ...row, hash: Buffer.from(hash) }));
  }

  /** Nothing is left to delete for this record. */
  finished(id: number): void {
    this.#finish.run(id);
  }

  unfinished(): readonly number[] {
    return (this.#unfinished.all() as { id: number }[]).map(({ id }) => id);
  }

  isNamed(object: Buffer): boolean {
    return this.#named.get(object) !== undefined;
  }
}
