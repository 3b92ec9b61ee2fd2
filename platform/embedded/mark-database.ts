import type { DatabaseSync } from 'node:sqlite';
import type { KeyRow } from '../ports/key-table.ts';
import { KeyRows, rowsSchema } from './key-rows.ts';
import { GroupCommit } from './sqlite/group-commit.ts';
import { openDatabase } from './sqlite/open.ts';

const PAGE_BYTES = 4_096;
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

const MARKS = 'token/proof/';

/** Rows that only say that something was used, and hold no secret: one for every request of somebody who signed in. */
export function isMark(id: string): boolean {
  return id.startsWith(MARKS);
}

/** Whether rows that begin so can be marks. */
export function mayHoldMarks(prefix: string): boolean {
  return isMark(prefix) || MARKS.startsWith(prefix);
}

/**
 * Marks in a file of their own that waits for no disk: they outlive the end of the process, and a power failure may take the last of
 * them along. What they mark is good for a minute.
 */
export class MarkDatabase {
  readonly rows: KeyRows;
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;

  constructor(path: string, busyMs: number) {
    const options = {
      pageSize: PAGE_BYTES,
      synchronous: 'NORMAL',
      checkpointBytes: CHECKPOINT_BYTES,
      busyMs,
      schema: rowsSchema(),
    } as const;
    this.#database = openDatabase(path, options);
    this.#group = new GroupCommit(this.#database);
    this.rows = new KeyRows(this.#database);
  }

  putIfAbsent(row: KeyRow): Promise<KeyRow> {
    return this.#group.add(() => this.rows.putIfAbsent(row));
  }

  async remove(id: string): Promise<void> {
    await this.#group.add(() => this.rows.remove(id));
  }

  close(): void {
    this.#group.close();
    this.#database.close();
  }
}
