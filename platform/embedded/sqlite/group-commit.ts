import type { DatabaseSync } from 'node:sqlite';
import { JoulekeepError } from '../../../events/errors.ts';

interface Job<T> {
  /** Runs inside the transaction. Throwing a `Judged` fails this job alone, anything else the whole group. */
  readonly run: () => T;
  readonly resolve: (outcome: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Fails one job of a group and lets the others stand: the job must not have written anything. */
export class Judged extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('judged');
    this.reason = reason;
  }
}

export interface GroupHooks {
  /** Runs before BEGIN. */
  readonly before?: () => void;
  /** Runs after COMMIT and before anything is settled. */
  readonly after?: () => void;
}

/**
 * Writes made within one turn of the event loop share one transaction, hence one flush to stable storage.
 *
 *   turn n     add add add        jobs wait
 *   check      BEGIN .. COMMIT    in order of adding; each judged apart; settled after COMMIT
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #hooks: GroupHooks;
  #jobs: Job<unknown>[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #closed = false;

  /** @param hooks what they throw fails the group */
  constructor(database: DatabaseSync, hooks: GroupHooks = {}) {
    this.#database = database;
    this.#hooks = hooks;
  }

  /** Settles when the group is on stable storage. @throws ERR_STORE_UNAVAILABLE (retryable) when the group could not be written */
  add<T>(run: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new JoulekeepError('ERR_STORE_CLOSED', 'the store is closed'));
    this.#scheduled ??= setImmediate(() => this.flush());
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ run, resolve, reject } as Job<unknown>);
    });
  }

  /** Writes what waits, now. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    let settle: (() => void)[];
    try {
      this.#hooks.before?.();
      settle = this.#transact(jobs);
      this.#hooks.after?.();
    } catch (cause) {
      const error = new JoulekeepError('ERR_STORE_UNAVAILABLE', 'the write could not be made', { retryable: true, cause });
      for (const { reject } of jobs) reject(error);
      return;
    }
    for (const done of settle) done();
  }

  /** Writes what waits and takes no more. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  #transact(jobs: readonly Job<unknown>[]): (() => void)[] {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const settle = jobs.map(judge);
      this.#database.exec('COMMIT');
      return settle;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function judge({ run, resolve, reject }: Job<unknown>): () => void {
  try {
    const outcome = run();
    return () => resolve(outcome);
  } catch (error) {
    if (!(error instanceof Judged)) throw error;
    return () => reject(error.reason);
  }
}
