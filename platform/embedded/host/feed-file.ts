import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openDatabase } from '../sqlite/open.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS cursors (
    feed TEXT NOT NULL,
    shard INTEGER NOT NULL,
    shards INTEGER NOT NULL,
    place INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (feed, shard)
  ) STRICT, WITHOUT ROWID;`;
const PAGE_BYTES = 4096;
const CHECKPOINT_BYTES = 1024 * 1024;

/** How far a shard is: everything up to `place` is done, the record behind it has failed so many times. */
export interface FeedCursor {
  readonly place: number;
  readonly attempts: number;
}

interface CursorRow extends FeedCursor {
  readonly shards: number;
}

/** Cursors of the feeds. A write survives the end of the process; with the power the last ones may go, which costs redeliveries. */
export class FeedFile {
  readonly #database: DatabaseSync;
  readonly #of: StatementSync;
  readonly #set: StatementSync;
  readonly #drop: StatementSync;

  constructor(path: string) {
    const database = openDatabase(path, { pageSize: PAGE_BYTES, synchronous: 'NORMAL', checkpointBytes: CHECKPOINT_BYTES, schema: SCHEMA });
    this.#database = database;
    this.#of = database.prepare('SELECT shard, shards, place, attempts FROM cursors WHERE feed = ? ORDER BY shard');
    this.#set = database.prepare(
      `INSERT INTO cursors (feed, shard, shards, place, attempts) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (feed, shard) DO UPDATE SET shards = excluded.shards, place = excluded.place, attempts = excluded.attempts`,
    );
    this.#drop = database.prepare('DELETE FROM cursors WHERE feed = ?');
  }

  /**
   * Cursors of a feed's shards; a new feed begins at the first commit. When the number of shards is another than before,
   * streams have changed their shard: all go on from the one that was furthest behind.
   */
  open(feed: string, shards: number): readonly FeedCursor[] {
    const rows = this.#of.all(feed) as unknown as CursorRow[];
    if (rows.length === shards && rows.every((row) => row.shards === shards)) return rows;
    const place = rows.length === 0 ? 0 : Math.min(...rows.map((row) => row.place));
    const cursors = Array.from({ length: shards }, () => ({ place, attempts: 0 }));
    this.#database.exec('BEGIN IMMEDIATE');
    this.#drop.run(feed);
    for (const [shard, cursor] of cursors.entries()) this.#set.run(feed, shard, shards, cursor.place, cursor.attempts);
    this.#database.exec('COMMIT');
    return cursors;
  }

  move(feed: string, shard: number, shards: number, { place, attempts }: FeedCursor): void {
    this.#set.run(feed, shard, shards, place, attempts);
  }

  /**
   * Lets no feed be ahead of a place, behind which others will come than those it saw. @param anew feeds that begin at the first commit again
   */
  rewind(place: number, anew: readonly string[]): void {
    this.#database.prepare('UPDATE cursors SET place = min(place, ?), attempts = 0').run(place);
    for (const feed of anew) this.#drop.run(feed);
  }

  close(): void {
    this.#database.close();
  }
}
