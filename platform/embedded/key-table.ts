import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import { KEY_TABLE, type KeyTableOperation, permits } from '../../topology/keys.ts';
import { type KeyRow, type KeyTable, leavesTombstone } from '../ports/key-table.ts';
import { GroupCommit, Judged } from './sqlite/group-commit.ts';
import { prefixEnd } from './sqlite/open.ts';
import { cutLog, openShreddingDatabase, PAD_COLUMN } from './sqlite/shredding.ts';

/** A tombstone tells a key that was destroyed from one that got lost; rows of epochs and tokens leave none, there are too many. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS rows (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    wrapped_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    destroy_at INTEGER,
    ${PAD_COLUMN},
    wrapped BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS tombstones (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`;

interface Row {
  readonly id: string;
  readonly wrapped: Uint8Array;
  readonly wrapped_by: string;
  readonly created_at: number;
  readonly destroy_at: number | null;
}

/** The key table on a file of its own, which no backup contains. `as` gives it to one principal. */
export class KeyDatabase {
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #bury: StatementSync;
  readonly #buried: StatementSync;
  readonly #tombstones: StatementSync;
  readonly #defences: Pick<Defences, 'keyPolicies'>;
  readonly #watchers: ((id: string) => void)[] = [];
  #truncate = true;

  /** @param busyMs how long a write, or the cut after a destruction, waits for other processes, ms */
  constructor(path: string, defences: Pick<Defences, 'keyPolicies'>, busyMs = 5_000) {
    this.#defences = defences;
    const database = openShreddingDatabase(path, SCHEMA, busyMs);
    this.#database = database;
    this.#group = new GroupCommit(database, { after: () => this.#cutLog() });
    const columns = 'SELECT id, wrapped, wrapped_by, created_at, destroy_at FROM rows';
    this.#get = database.prepare(`${columns} WHERE id = ?`);
    this.#list = database.prepare(`${columns} WHERE id >= ? AND id < ? ORDER BY id`);
    this.#put = database.prepare('INSERT OR IGNORE INTO rows (id, wrapped, wrapped_by, created_at, destroy_at) VALUES (?, ?, ?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM rows WHERE id = ?');
    this.#bury = database.prepare('INSERT OR IGNORE INTO tombstones (id) VALUES (?)');
    this.#buried = database.prepare('SELECT 1 FROM tombstones WHERE id = ?');
    this.#tombstones = database.prepare('SELECT id FROM tombstones WHERE id >= ? AND id < ? ORDER BY id');
    // A process may have ended between a destruction and the cut.
    this.#cutLog();
  }

  /** The table as a principal may use it. Denied calls reject with ERR_KEY_TABLE_ACCESS_DENIED. */
  as(principal: string): KeyTable {
    const allowed = async <T>(operation: KeyTableOperation, id: string, run: () => T): Promise<Awaited<T>> => {
      this.#check(principal, operation, id);
      return await run();
    };
    return {
      get: (id) => allowed('get', id, () => this.#row(id)),
      list: (prefix) => allowed('list', prefix, () => this.#rows(prefix)),
      destroyed: (prefix) => allowed('list', prefix, () => this.#destroyed(prefix)),
      putIfAbsent: (row) => allowed('put', row.id, () => this.#group.add(() => this.#write(row))),
      destroy: (id) => allowed('destroy', id, () => this.#destroy(id)),
    };
  }

  /** Tells whoever holds unwrapped keys in this process that a row is destroyed, before the destruction settles. */
  watch(destroyed: (id: string) => void): void {
    this.#watchers.push(destroyed);
  }

  /** Whether a row of a stream was destroyed on purpose. */
  async wasDestroyed(id: string): Promise<boolean> {
    return this.#buried.get(id) !== undefined;
  }

  close(): void {
    this.#group.close();
    this.#database.close();
  }

  #check(principal: string, operation: KeyTableOperation, id: string): void {
    if (!this.#defences.keyPolicies) return;
    const rows = KEY_TABLE.find(({ prefix }) => id.startsWith(prefix));
    if (rows !== undefined && permits(rows.allow, principal, operation)) return;
    throw new JoulekeepError('ERR_KEY_TABLE_ACCESS_DENIED', `${principal} may not ${operation} this row`);
  }

  #row(id: string): KeyRow | undefined {
    const row = this.#get.get(id) as Row | undefined;
    return row && rowOf(row);
  }

  #rows(prefix: string): KeyRow[] {
    return (this.#list.all(prefix, prefixEnd(prefix)) as unknown as Row[]).map(rowOf);
  }

  #destroyed(prefix: string): string[] {
    return (this.#tombstones.all(prefix, prefixEnd(prefix)) as { id: string }[]).map(({ id }) => id);
  }

  #write(row: KeyRow): KeyRow {
    if (this.#buried.get(row.id) !== undefined) throw new Judged(new JoulekeepError('ERR_KEY_DESTROYED', 'this row was destroyed'));
    this.#put.run(row.id, row.wrapped, row.wrappedBy, row.createdAt, row.destroyAt ?? null);
    return this.#row(row.id)!;
  }

  async #destroy(id: string): Promise<void> {
    await this.#group.add(() => this.#remove(id));
    for (const destroyed of this.#watchers) destroyed(id);
  }

  #remove(id: string): void {
    const { changes } = this.#delete.run(id);
    if (changes > 0 && leavesTombstone(id)) this.#bury.run(id);
    this.#truncate = true;
  }

  #cutLog(): void {
    if (!this.#truncate) return;
    cutLog(this.#database);
    this.#truncate = false;
  }
}

function rowOf(row: Row): KeyRow {
  const wrapped = Buffer.from(row.wrapped.buffer, row.wrapped.byteOffset, row.wrapped.byteLength);
  const read = { id: row.id, wrapped, wrappedBy: row.wrapped_by, createdAt: row.created_at };
  return row.destroy_at === null ? read : { ...read, destroyAt: row.destroy_at };
}
