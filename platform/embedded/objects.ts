import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock, ObjectStore } from '../ports/platform.ts';
import { checkObjectKey, folderOf } from '../store/object-key.ts';

const UNFINISHED = '.tmp';

/**
 * Objects as files of a folder. A put is whole or not at all: written beside, flushed, renamed, and the folder flushed. How old an object
 * is says the file's time, set by the platform's clock: a copy of the folder without times is young.
 * @throws ERR_OBJECT_KEY for a key that could leave the folder
 */
export class EmbeddedObjects implements ObjectStore {
  readonly #root: string;
  readonly #clock: Clock;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
  }

  async put(key: string, body: Buffer): Promise<void> {
    await this.#put(key, body, replacing);
  }

  /** Puts what isn't there yet: a name is given once. @returns false when something lies under this key, whatever it is */
  async putOnce(key: string, body: Buffer): Promise<boolean> {
    return await this.#put(key, body, once);
  }

  async get(key: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#pathOf(key));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key);
    await rm(path, { force: true });
    await flushFolder(dirname(path)).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
  }

  async list(prefix: string): Promise<readonly string[]> {
    const folder = folderOf(prefix);
    return (await this.#walk(folder)).filter((key) => key.startsWith(prefix)).sort();
  }

  async olderThan(prefix: string, instant: number): Promise<readonly string[]> {
    const old: string[] = [];
    for (const key of await this.list(prefix)) {
      const { mtimeMs } = await stat(this.#pathOf(key)).catch((error: unknown) => {
        if (isAbsent(error)) return { mtimeMs: Number.POSITIVE_INFINITY };
        throw error;
      });
      if (Math.round(mtimeMs) < instant) old.push(key);
    }
    return old;
  }

  /** @param named gives the file its name @returns whether it has it */
  async #put(key: string, body: Buffer, named: (unfinished: string, path: string) => Promise<boolean>): Promise<boolean> {
    const path = this.#pathOf(key);
    const unfinished = join(this.#root, UNFINISHED, randomUUID());
    await mkdir(dirname(unfinished), { recursive: true, mode: 0o700 });
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(unfinished, body, new Date(this.#clock.now()));
    if (!(await named(unfinished, path))) return false;
    await flushFolder(dirname(path));
    return true;
  }

  /** @param folder empty, or ending in a slash */
  async #walk(folder: string): Promise<string[]> {
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch((error: unknown) => {
      if (isAbsent(error)) return [];
      throw error;
    });
    const found = entries
      .filter(({ name }) => !name.startsWith('.'))
      .map((entry) => (entry.isDirectory() ? this.#walk(`${folder}${entry.name}/`) : [folder + entry.name]));
    return (await Promise.all(found)).flat();
  }

  #pathOf(key: string): string {
    checkObjectKey(key);
    return join(this.#root, ...key.split('/'));
  }
}

async function replacing(unfinished: string, path: string): Promise<boolean> {
  await rename(unfinished, path);
  return true;
}

/** @returns false where the name is given already */
async function once(unfinished: string, path: string): Promise<boolean> {
  try {
    await link(unfinished, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Writes a new file, on stable storage when it resolves. */
async function writeDurably(path: string, body: Buffer, at: Date): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(body);
    await file.utimes(at, at);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What was put into the folder stays there. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}
