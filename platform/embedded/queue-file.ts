import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openDatabase } from './sqlite/open.ts';

/** Bodies lie apart, so that hiding a message for a while does not write its body again. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    source TEXT NOT NULL,
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL,
    sent_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, visible_at, id);
  CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;`;

const SQL = {
  insert: 'INSERT INTO messages (queue, source, visible_at, receives, sent_at) VALUES (?1, ?1, ?2, 0, ?2)',
  insertBody: 'INSERT INTO bodies (id, body) VALUES (?, ?)',
  due: 'SELECT id, receives, sent_at AS sentAt FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?',
  body: 'SELECT body FROM bodies WHERE id = ?',
  hide: 'UPDATE messages SET visible_at = ?, receives = receives + 1 WHERE id = ?',
  reschedule: 'UPDATE messages SET visible_at = ? WHERE id = ? AND receives = ?',
  bury: 'UPDATE messages SET queue = ?, visible_at = ?, receives = 0 WHERE id = ?',
  redrive: 'UPDATE messages SET queue = source, visible_at = ?, receives = 0 WHERE queue = ? AND source <> queue',
  release: 'UPDATE messages SET visible_at = ?1 WHERE visible_at > ?1',
  remove: 'DELETE FROM messages WHERE id = ? AND receives = ?',
  removeBody: 'DELETE FROM bodies WHERE id = ?',
  expired: 'SELECT id FROM messages WHERE queue = ? AND sent_at < ?',
  expire: 'DELETE FROM messages WHERE id = ?',
  depth: `SELECT count(*) FILTER (WHERE visible_at <= ?2) AS visible, count(*) FILTER (WHERE visible_at > ?2) AS inFlight
          FROM messages WHERE queue = ?1`,
  nextDue: 'SELECT min(visible_at) AS at FROM messages WHERE queue = ?',
} as const;

const PAGE_BYTES = 16_384;
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

export interface QueueRow {
  readonly id: number;
  readonly receives: number;
  readonly sentAt: number;
}

/** The statements of the queue file, in words. Times are UTC ms. */
export class QueueFile {
  readonly database: DatabaseSync;
  readonly #statements = new Map<keyof typeof SQL, StatementSync>();

  constructor(path: string) {
    this.database = openDatabase(path, { pageSize: PAGE_BYTES, synchronous: 'NORMAL', checkpointBytes: CHECKPOINT_BYTES, schema: SCHEMA });
  }

  insert(queue: string, body: string, now: number): void {
    const { lastInsertRowid } = this.#of('insert').run(queue, now);
    this.#of('insertBody').run(lastInsertRowid, body);
  }

  due(queue: string, now: number, limit: number): readonly QueueRow[] {
    return this.#of('due').all(queue, now, limit) as unknown as QueueRow[];
  }

  body(id: number): string {
    return (this.#of('body').get(id) as { body: string }).body;
  }

  hide(id: number, until: number): void {
    this.#of('hide').run(until, id);
  }

  reschedule(id: number, receives: number, at: number): void {
    this.#of('reschedule').run(at, id, receives);
  }

  bury(id: number, deadLetter: string, now: number): void {
    this.#of('bury').run(deadLetter, now, id);
  }

  redrive(deadLetter: string, now: number): number {
    return Number(this.#of('redrive').run(now, deadLetter).changes);
  }

  release(now: number): number {
    return Number(this.#of('release').run(now).changes);
  }

  remove(id: number, receives: number): void {
    if (this.#of('remove').run(id, receives).changes > 0) this.#of('removeBody').run(id);
  }

  expire(queue: string, sentBefore: number): void {
    for (const { id } of this.#of('expired').all(queue, sentBefore) as { id: number }[]) {
      this.#of('expire').run(id);
      this.#of('removeBody').run(id);
    }
  }

  depth(queue: string, now: number): { visible: number; inFlight: number } {
    return { ...(this.#of('depth').get(queue, now) as { visible: number; inFlight: number }) };
  }

  nextDue(queue: string): number | undefined {
    return (this.#of('nextDue').get(queue) as { at: number | null }).at ?? undefined;
  }

  /** Several of the above as one write that survives the end of the process. */
  together<T>(run: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  #of(name: keyof typeof SQL): StatementSync {
    const prepared = this.#statements.get(name);
    if (prepared) return prepared;
    const statement = this.database.prepare(SQL[name]);
    this.#statements.set(name, statement);
    return statement;
  }
}
