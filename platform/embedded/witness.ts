import { randomUUID } from 'node:crypto';
import { link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../ports/platform.ts';
import type { Witness } from '../ports/witness.ts';
import { checkObjectKey } from '../store/object-key.ts';
import { EmbeddedObjects, flushFolder, writeDurably } from './objects.ts';

/** A witness as a folder, which had better lie on another disk. A file that is there is never written over. @throws ERR_OBJECT_KEY */
export class EmbeddedWitness implements Witness {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #files: EmbeddedObjects;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
    this.#files = new EmbeddedObjects(root, clock);
  }

  /** Written beside, flushed, then named: a name is given once. */
  async put(key: string, body: Buffer): Promise<boolean> {
    checkObjectKey(key);
    const path = join(this.#root, ...key.split('/'));
    const unfinished = join(this.#root, '.tmp', randomUUID());
    await mkdir(dirname(unfinished), { recursive: true, mode: 0o700 });
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(unfinished, body, new Date(this.#clock.now()));
    try {
      await link(unfinished, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(unfinished, { force: true });
    }
    await flushFolder(dirname(path));
    return true;
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#files.get(key);
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.#files.list(prefix);
  }
}
