import type { Clock } from '../ports/platform.ts';
import type { Witness } from '../ports/witness.ts';
import { EmbeddedObjects } from './objects.ts';

/** A witness as a folder, which had better lie on another disk. A file that is there is never written over. @throws ERR_OBJECT_KEY */
export class EmbeddedWitness implements Witness {
  readonly #files: EmbeddedObjects;

  constructor(root: string, clock: Clock) {
    this.#files = new EmbeddedObjects(root, clock);
  }

  put(key: string, body: Buffer): Promise<boolean> {
    return this.#files.putOnce(key, body);
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#files.get(key);
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.#files.list(prefix);
  }
}
