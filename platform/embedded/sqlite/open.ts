import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

export interface DatabaseOptions {
  /** Bytes, a power of two; only a new file takes it. */
  readonly pageSize: number;
  /** `FULL`: a commit is on stable storage when it returns. `NORMAL`: it survives the end of the process, not of the machine. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** The write-ahead log is copied back when it has grown past this, bytes. */
  readonly checkpointBytes: number;
  /** Deleted content is overwritten with zeros. */
  readonly secureDelete?: boolean;
  /** Pages kept in memory, bytes; SQLite's own default when absent. */
  readonly cacheBytes?: number;
  /** How long to wait for another process, ms; default 5,000. */
  readonly busyMs?: number;
  /** DDL, every statement with IF NOT EXISTS. */
  readonly schema: string;
}

/** Opens or makes a database file that only its owner can read, with a write-ahead log. */
export function openDatabase(path: string, options: DatabaseOptions): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: options.busyMs ?? 5_000 });
  database.exec(`
    PRAGMA page_size = ${options.pageSize};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${options.synchronous};
    PRAGMA wal_autocheckpoint = ${Math.ceil(options.checkpointBytes / options.pageSize)};
    PRAGMA secure_delete = ${options.secureDelete ? 'ON' : 'OFF'};
    PRAGMA temp_store = MEMORY;
    ${options.cacheBytes === undefined ? '' : `PRAGMA cache_size = -${Math.ceil(options.cacheBytes / 1024)};`}
    ${options.schema}`);
  return database;
}

/** Upper bound of the strings that begin with `prefix`, for `id >= prefix AND id < bound`. */
export function prefixEnd(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
