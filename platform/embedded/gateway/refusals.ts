import type { Log } from '../../ports/platform.ts';

/** Counts what was refused by reason. Logs the 1st, 2nd, 4th, 8th ... of each: a flood doesn't fill the disk. */
export class Refusals {
  readonly counts = new Map<string, number>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  count(reason: string): void {
    const count = (this.counts.get(reason) ?? 0) + 1;
    this.counts.set(reason, count);
    if (Number.isInteger(Math.log2(count))) this.#log.warn('gateway refused', { reason, count });
  }
}
