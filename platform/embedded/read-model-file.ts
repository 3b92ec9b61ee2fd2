import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { JoulekeepError } from '../../events/errors.ts';
import type { UpTo } from '../ports/read-models.ts';
import type { StoredItem } from '../store/sealed-items.ts';
import { GroupCommit, Judged } from './sqlite/group-commit.ts';
import { openDatabase } from './sqlite/open.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS generations (name TEXT PRIMARY KEY, used INTEGER NOT NULL, made INTEGER NOT NULL,
    filling INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS items (
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    day TEXT NOT NULL,
    value BLOB,
    ends_at INTEGER,
    PRIMARY KEY (name, generation, partition, sort)
  ) STRICT, WITHOUT ROWID;`;

const SQL = {
  generation: 'SELECT used, made, filling FROM generations WHERE name = ?',
  set: `INSERT INTO generations (name, used, made, filling) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (name) DO UPDATE SET used = excluded.used, made = excluded.made, filling = excluded.filling`,
  put: `INSERT INTO items (name, generation, partition, sort, stream, version, key_id, day, value, ends_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (name, generation, partition, sort) DO UPDATE
        SET version = excluded.version, key_id = excluded.key_id, day = excluded.day, value = excluded.value, ends_at = excluded.ends_at
        WHERE excluded.stream = items.stream
        AND (excluded.version > items.version OR (excluded.version = items.version AND excluded.value IS NULL))`,
  get: `SELECT partition, sort, stream, version, key_id AS keyId, day, value FROM items
        WHERE name = ? AND generation = ? AND partition = ? AND sort = ?`,
  page: `SELECT partition, sort, stream, version, key_id AS keyId, day, value FROM items
         WHERE name = ? AND generation = ? AND partition = ? AND sort >= ? AND sort > ? AND sort < ? AND value IS NOT NULL
         ORDER BY sort LIMIT 500`,
  versions: `SELECT stream, version FROM items
             WHERE name = ? AND generation = ? AND partition = ? AND sort >= ? AND sort < ? ORDER BY sort`,
  stale: `DELETE FROM items WHERE (name, generation, partition, sort) IN (
            SELECT name, generation, partition, sort FROM items
            WHERE name = ?1 AND (generation < ?2 OR (generation > ?2 AND generation < ?3)) LIMIT 1000)`,
  ended: 'DELETE FROM items WHERE ends_at < ?',
} as const;

export const PAGE_OF_ITEMS = 500;
const PAGE_BYTES = 4096;
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

export interface SortRange {
  readonly from: string;
  readonly after: string;
  readonly until: string;
}

interface Generation {
  readonly used: number;
  readonly made: number;
  /** 1 while the one in use began empty and is not whole yet. */
  readonly filling: number;
}

/** The file of read models. It knows no keys. Writes of one turn of the event loop share one flush to stable storage. */
export class ReadModelFile {
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #statements = new Map<keyof typeof SQL, StatementSync>();

  constructor(path: string) {
    this.#database = openDatabase(path, { pageSize: PAGE_BYTES, synchronous: 'FULL', checkpointBytes: CHECKPOINT_BYTES, schema: SCHEMA });
    this.#withNewColumns();
    this.#group = new GroupCommit(this.#database);
  }

  /** Removes items whose end has come. @param now UTC ms */
  async forget(now: number): Promise<void> {
    await this.#group.add(() => this.#of('ended').run(now));
  }

  /** Number of the generation in use, 0 from the start, and whether it began empty and is not whole yet. */
  inUse(name: string): { readonly used: number; readonly filling: boolean } {
    const { used, filling } = this.#generation(name);
    return { used, filling: filling !== 0 };
  }

  /** A number that no generation of the table had before. Only the one made last can be used. */
  make(name: string): Promise<number> {
    return this.#group.add(() => {
      const { used, made, filling } = this.#generation(name);
      this.#of('set').run(name, used, made + 1, filling);
      return made + 1;
    });
  }

  /** An empty generation is in use at once. What was there stays until it is swept. */
  async empty(name: string): Promise<void> {
    await this.#group.add(() => {
      const { made } = this.#generation(name);
      this.#of('set').run(name, made + 1, made + 1, 1);
    });
  }

  async whole(name: string): Promise<void> {
    await this.#group.add(() => {
      const { used, made } = this.#generation(name);
      this.#of('set').run(name, used, made, 0);
    });
  }

  /** Items of generations before it go, and so do those of rebuilds that were not ended. @throws ERR_REBUILD_ABANDONED */
  async use(name: string, generation: number): Promise<void> {
    const known = await this.#group.add(() => {
      const { made } = this.#generation(name);
      if (made === generation) this.#of('set').run(name, generation, made, 0);
      return made === generation;
    });
    if (!known) throw new JoulekeepError('ERR_REBUILD_ABANDONED', `${name}: another rebuild has begun since`);
    await this.sweep(name);
  }

  /** Removes what no generation in use or in the making holds, a thousand items at a time. @returns whether all of it is gone */
  async sweep(name: string, isOver: () => boolean = () => false): Promise<boolean> {
    const { used, made } = this.#generation(name);
    while ((await this.#group.add(() => Number(this.#of('stale').run(name, used, made).changes))) > 0) if (isOver()) return false;
    return true;
  }

  /** All or none of them. @throws ERR_ITEM_STREAM */
  put(name: string, generation: number, rows: readonly StoredItem[]): Promise<void> {
    return this.#group.add(() => {
      this.#database.exec('SAVEPOINT put');
      const foreign = rows.find((row) => !this.#write(name, generation, row));
      if (foreign !== undefined) this.#database.exec('ROLLBACK TO put');
      this.#database.exec('RELEASE put');
      if (foreign !== undefined)
        throw new Judged(new JoulekeepError('ERR_ITEM_STREAM', `${name}: an item of ${foreign.stream} is made from another stream`));
    });
  }

  get(name: string, generation: number, partition: string, sort: string): StoredItem | undefined {
    return this.#of('get').get(name, generation, partition, sort) as StoredItem | undefined;
  }

  /** @param sorts from the first on, behind `after`, up to but without the last */
  page(name: string, generation: number, partition: string, sorts: SortRange): readonly StoredItem[] {
    return this.#of('page').all(name, generation, partition, sorts.from, sorts.after, sorts.until) as unknown as StoredItem[];
  }

  /** Removed ones too. */
  versions(name: string, generation: number, partition: string, from: string, until: string): readonly UpTo[] {
    return this.#of('versions').all(name, generation, partition, from, until) as unknown as UpTo[];
  }

  close(): void {
    this.#group.close();
    this.#database.close();
  }

  /** @returns false when the item there is made from another stream; one that is newer stays, which is fine */
  #write(name: string, generation: number, { partition, sort, stream, version, keyId, day, value, endsAt }: StoredItem): boolean {
    const { changes } = this.#of('put').run(name, generation, partition, sort, stream, version, keyId, day, value, endsAt ?? null);
    return changes > 0 || this.get(name, generation, partition, sort)?.stream === stream;
  }

  /** Files of before have no column for it, nor for what is being filled. */
  #withNewColumns(): void {
    const known = this.#database.prepare('SELECT name FROM pragma_table_info(?)').all('generations') as { name: string }[];
    if (!known.some(({ name }) => name === 'filling'))
      this.#database.exec('ALTER TABLE generations ADD COLUMN filling INTEGER NOT NULL DEFAULT 0');
    const columns = this.#database.prepare('SELECT name FROM pragma_table_info(?)').all('items') as { name: string }[];
    if (!columns.some(({ name }) => name === 'ends_at')) this.#database.exec('ALTER TABLE items ADD COLUMN ends_at INTEGER');
    this.#database.exec('CREATE INDEX IF NOT EXISTS ends ON items (ends_at) WHERE ends_at IS NOT NULL');
  }

  #generation(name: string): Generation {
    return (this.#of('generation').get(name) as unknown as Generation | undefined) ?? { used: 0, made: 0, filling: 0 };
  }

  #of(name: keyof typeof SQL): StatementSync {
    const prepared = this.#statements.get(name) ?? this.#database.prepare(SQL[name]);
    this.#statements.set(name, prepared);
    return prepared;
  }
}
