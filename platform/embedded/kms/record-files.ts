import { closeSync, createReadStream, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Longest line the record ever has is found within the end of a file of this size, bytes. */
export const TAIL_BYTES = 1024 * 1024;

/** Files of the record, one for each UTC date on which something was written. */
export class RecordFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  pathOf(day: string): string {
    return join(this.#directory, `${day}.log`);
  }

  /** UTC dates, in order. */
  days(): readonly string[] {
    return readdirSync(this.#directory)
      .flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.log$/.exec(name)?.[1] ?? [])
      .sort();
  }

  async *lines(day: string): AsyncGenerator<string, void, void> {
    if (!existsSync(this.pathOf(day))) return;
    const input = createReadStream(this.pathOf(day), 'utf8');
    try {
      yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    } finally {
      input.destroy();
    }
  }

  /** The last lines of a day; whether the very last one was written to its end. */
  tail(day: string): { readonly lines: readonly string[]; readonly whole: boolean } {
    const file = openSync(this.pathOf(day), 'r');
    try {
      const { size } = fstatSync(file);
      const length = Math.min(size, TAIL_BYTES);
      const bytes = Buffer.alloc(length);
      readSync(file, bytes, 0, length, size - length);
      const text = bytes.toString('utf8');
      return { lines: text.split('\n').filter((line) => line !== ''), whole: text === '' || text.endsWith('\n') };
    } finally {
      closeSync(file);
    }
  }
}
