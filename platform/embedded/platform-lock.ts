import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { JoulekeepError } from '../../events/errors.ts';

/**
 * One process per state directory. The lock is the operating system's on an open file, so it goes with its process,
 * however that ends; `lock.pid` only tells people who has it.
 * @throws ERR_STATE_LOCKED when another process, or this one, has the directory open
 */
export class StateLock {
  readonly #database: DatabaseSync;

  constructor(stateDir: string) {
    const holder = join(stateDir, 'lock.pid');
    this.#database = new DatabaseSync(join(stateDir, 'lock'), { timeout: 0 });
    try {
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS lock (held); COMMIT;');
    } catch (cause) {
      this.#database.close();
      throw new JoulekeepError('ERR_STATE_LOCKED', `${stateDir} is in use by process ${readHolder(holder)}: end that one first`, { cause });
    }
    writeFileSync(holder, `${process.pid}\n`);
  }

  release(): void {
    this.#database.close();
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
