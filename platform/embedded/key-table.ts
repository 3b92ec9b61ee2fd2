import { dirname, join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import { KEY_TABLE, type KeyTableOperation } from '../../topology/key-table.ts';
import { permits } from '../../topology/principals.ts';
import { type KeyRow, type KeyTable, leavesTombstone } from '../ports/key-table.ts';
import { KeyRows, rowsSchema } from './key-rows.ts';
import { isMark, MarkDatabase, mayHoldMarks } from './mark-database.ts';
import { GroupCommit, Judged } from './sqlite/group-commit.ts';
import { prefixEnd } from './sqlite/open.ts';
import { cutLog, openShreddingDatabase, PAD_COLUMN } from './sqlite/shredding.ts';

/** A tombstone tells a key that was destroyed from one that got lost; rows of epochs and tokens leave none, there are too many. */
const SCHEMA = `
  ${rowsSchema(`${PAD_COLUMN},`)}
  CREATE TABLE IF NOT EXISTS tombstones (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`;

/** The key table on a file of its own, which no backup contains, with another beside it for marks. `as` gives it to one principal. */
export class KeyDatabase {
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #rows: KeyRows;
  readonly #marks: MarkDatabase;
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
    this.#rows = new KeyRows(database);
    this.#marks = new MarkDatabase(join(dirname(path), 'marks.db'), busyMs);
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
      get: (id) => allowed('get', id, () => (isMark(id) ? this.#marks.rows : this.#rows).get(id)),
      list: (prefix) => allowed('list', prefix, () => this.#list(prefix)),
      destroyed: (prefix) => allowed('list', prefix, () => this.#destroyed(prefix)),
      putIfAbsent: (row) =>
        allowed('put', row.id, () => (isMark(row.id) ? this.#marks.putIfAbsent(row) : this.#group.add(() => this.#write(row)))),
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
    this.#marks.close();
  }

  #check(principal: string, operation: KeyTableOperation, id: string): void {
    if (!this.#defences.keyPolicies) return;
    const rows = KEY_TABLE.find(({ prefix }) => id.startsWith(prefix));
    if (rows !== undefined && permits(rows.allow, principal, operation)) return;
    throw new JoulekeepError('ERR_KEY_TABLE_ACCESS_DENIED', `${principal} may not ${operation} this row`);
  }

  #list(prefix: string): KeyRow[] {
    const rows = this.#rows.list(prefix);
    if (!mayHoldMarks(prefix)) return rows;
    return [...rows, ...this.#marks.rows.list(prefix)].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #destroyed(prefix: string): string[] {
    return (this.#tombstones.all(prefix, prefixEnd(prefix)) as { id: string }[]).map(({ id }) => id);
  }

  #write(row: KeyRow): KeyRow {
    if (this.#buried.get(row.id) !== undefined) throw new Judged(new JoulekeepError('ERR_KEY_DESTROYED', 'this row was destroyed'));
    return this.#rows.putIfAbsent(row);
  }

  async #destroy(id: string): Promise<void> {
    if (isMark(id)) return await this.#marks.remove(id);
    await this.#group.add(() => this.#remove(id));
    for (const destroyed of this.#watchers) destroyed(id);
  }

  #remove(id: string): void {
    if (this.#rows.remove(id) && leavesTombstone(id)) this.#bury.run(id);
    this.#truncate = true;
  }

  #cutLog(): void {
    if (!this.#truncate) return;
    cutLog(this.#database);
    this.#truncate = false;
  }
}
