import type { DatabaseSync } from 'node:sqlite';
import { JoulekeepError } from '../../../events/errors.ts';
import { openDatabase } from './open.ts';

/**
 * Files from which a deleted secret is really gone.
 *
 * secure_delete zeroes a deleted cell, but not the copies of it that a b-tree leaves in the gap of a page when it moves
 * cells to a neighbour (seen in 1 of 16,000 deletions). So no cell may hold secret bytes: a row carries PAD_COLUMN, which
 * alone is longer than what SQLite keeps of a row in a leaf of 512 bytes, and its secret column behind that. The secret
 * then lies on overflow pages, which are never moved, and are zeroed when freed. After a deletion `cutLog` copies the
 * write-ahead log back and cuts it to nothing. What a disk or a file system keeps of overwritten blocks is beyond this.
 */
const PAGE_BYTES = 512;
const CHECKPOINT_BYTES = 1024 * 1024;

/** Declared before the secret column. */
export const PAD_COLUMN = 'pad BLOB NOT NULL DEFAULT (zeroblob(480))';

export function openShreddingDatabase(path: string, schema: string, busyMs?: number): DatabaseSync {
  const options = { pageSize: PAGE_BYTES, synchronous: 'FULL', checkpointBytes: CHECKPOINT_BYTES, secureDelete: true, schema } as const;
  return openDatabase(path, busyMs === undefined ? options : { ...options, busyMs });
}

/** @throws ERR_STORE_BUSY (retryable) while another process reads */
export function cutLog(database: DatabaseSync): void {
  const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (busy !== 0) throw new JoulekeepError('ERR_STORE_BUSY', 'a reader holds the write-ahead log', { retryable: true });
}
