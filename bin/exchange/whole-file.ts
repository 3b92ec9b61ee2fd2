import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { UsageError } from '../terminal/fail.ts';

const BUFFERED = 1 << 20;

export type Write = (piece: string | Uint8Array) => void;

/** Asked before anything is opened or recorded for the file. @throws UsageError when it is there */
export function refuseExisting(path: string): void {
  if (existsSync(path)) throw new UsageError(`${path} is there already: give another --out, or take it away first`);
}

/**
 * Writes a file that appears under its name only when it is complete; until then it is `<path>.part`, and no more when `work` fails. One
 * that is there stays as it is. Nobody but its owner reads it (mode 0600). @throws UsageError when it can't be written
 */
export function writeWhole(path: string, work: (write: Write) => void): void {
  refuseExisting(path);
  const part = `${path}.part`;
  const handle = opened(path, part);
  try {
    const file = new Buffered(handle);
    work(file.write);
    file.flush();
  } catch (error) {
    closeSync(handle);
    rmSync(part, { force: true });
    throw error;
  }
  closeSync(handle);
  try {
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw unwritable(path, error);
  }
}

function opened(path: string, part: string): number {
  try {
    rmSync(part, { force: true });
    return openSync(part, 'wx', 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): UsageError {
  return new UsageError(`${path} can't be written (${(error as NodeJS.ErrnoException).code}): name a file in a folder that is there`);
}

class Buffered {
  readonly #handle: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(handle: number) {
    this.#handle = handle;
  }

  readonly write: Write = (piece) => {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    if (this.#length > BUFFERED) this.flush();
  };

  flush(): void {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#handle, bytes, at);
  }
}
