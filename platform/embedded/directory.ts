import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { JoulekeepError } from '../../events/errors.ts';
import { mayPut } from '../../topology/directory.ts';
import type { Directory } from '../ports/platform.ts';
import { GroupCommit } from './sqlite/group-commit.ts';
import { openDatabase, prefixEnd } from './sqlite/open.ts';

const SCHEMA = 'CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;';
const PAGE_BYTES = 4096;
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
const PAGE_OF_ENTRIES = 500;

interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Small facts on a file of their own. Writes of one turn of the event loop share one flush to stable storage. */
export class EmbeddedDirectory implements Directory {
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #page: StatementSync;

  constructor(path: string) {
    const database = openDatabase(path, { pageSize: PAGE_BYTES, synchronous: 'FULL', checkpointBytes: CHECKPOINT_BYTES, schema: SCHEMA });
    this.#database = database;
    this.#group = new GroupCommit(database);
    this.#get = database.prepare('SELECT value FROM entries WHERE key = ?');
    this.#put = database.prepare('INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
    this.#page = database.prepare(
      `SELECT key, value FROM entries WHERE key >= ? AND key > ? AND key < ? ORDER BY key LIMIT ${PAGE_OF_ENTRIES}`,
    );
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#read(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    return keys.map((key) => this.#read(key));
  }

  /** All or none of them; resolves when they are on stable storage. */
  put(entries: readonly { key: string; value: Buffer }[]): Promise<void> {
    return this.#group.add(() => {
      for (const { key, value } of entries) this.#put.run(key, value);
    });
  }

  async *list(prefix: string): AsyncGenerator<{ key: string; value: Buffer }, void, void> {
    let after = '';
    for (;;) {
      const page = this.#page.all(prefix, after, prefixEnd(prefix)) as unknown as Entry[];
      yield* page.map(({ key, value }) => ({ key, value: bytesOf(value) }));
      if (page.length < PAGE_OF_ENTRIES) return;
      after = page.at(-1)!.key;
    }
  }

  /** The directory as a principal may use it. What it may not put rejects with ERR_DIRECTORY_ACCESS_DENIED, and nothing of it is written. */
  as(principal: string): Directory {
    return {
      get: (key) => this.get(key),
      getMany: (keys) => this.getMany(keys),
      list: (prefix) => this.list(prefix),
      put: async (entries) => {
        const denied = entries.find(({ key }) => !mayPut(principal, key));
        if (denied !== undefined)
          throw new JoulekeepError('ERR_DIRECTORY_ACCESS_DENIED', `${principal} may not put ${denied.key.split('/')[0]}`);
        await this.put(entries);
      },
    };
  }

  close(): void {
    this.#group.close();
    this.#database.close();
  }

  #read(key: string): Buffer | undefined {
    const entry = this.#get.get(key) as Pick<Entry, 'value'> | undefined;
    return entry && bytesOf(entry.value);
  }
}

function bytesOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
