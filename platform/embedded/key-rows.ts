import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { KeyRow } from '../ports/key-table.ts';
import { prefixEnd } from './sqlite/open.ts';

interface Row {
  readonly id: string;
  readonly wrapped: Uint8Array;
  readonly wrapped_by: string;
  readonly created_at: number;
  readonly destroy_at: number | null;
}

/** DDL of the rows. @param before columns that a secret has to lie behind, each with its comma */
export function rowsSchema(before = ''): string {
  return `CREATE TABLE IF NOT EXISTS rows (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    wrapped_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    destroy_at INTEGER,
    ${before}
    wrapped BLOB NOT NULL
  ) STRICT;`;
}

/** Rows of the key table in a file, whatever that file does to keep or to shred them. Writes belong into a transaction. */
export class KeyRows {
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    const columns = 'SELECT id, wrapped, wrapped_by, created_at, destroy_at FROM rows';
    this.#get = database.prepare(`${columns} WHERE id = ?`);
    this.#list = database.prepare(`${columns} WHERE id >= ? AND id < ? ORDER BY id`);
    this.#put = database.prepare('INSERT OR IGNORE INTO rows (id, wrapped, wrapped_by, created_at, destroy_at) VALUES (?, ?, ?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM rows WHERE id = ?');
  }

  get(id: string): KeyRow | undefined {
    const row = this.#get.get(id) as Row | undefined;
    return row && rowOf(row);
  }

  list(prefix: string): KeyRow[] {
    return (this.#list.all(prefix, prefixEnd(prefix)) as unknown as Row[]).map(rowOf);
  }

  /** @returns the row that is there afterwards */
  putIfAbsent({ id, wrapped, wrappedBy, createdAt, destroyAt }: KeyRow): KeyRow {
    this.#put.run(id, wrapped, wrappedBy, createdAt, destroyAt ?? null);
    return this.get(id)!;
  }

  /** @returns whether there was one */
  remove(id: string): boolean {
    return this.#delete.run(id).changes > 0;
  }
}

function rowOf(row: Row): KeyRow {
  const wrapped = Buffer.from(row.wrapped.buffer, row.wrapped.byteOffset, row.wrapped.byteLength);
  const read = { id: row.id, wrapped, wrappedBy: row.wrapped_by, createdAt: row.created_at };
  return row.destroy_at === null ? read : { ...read, destroyAt: row.destroy_at };
}
