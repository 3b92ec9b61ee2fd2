import type { Witness } from '../ports/witness.ts';
import { type ObjectParts, S3Objects } from './objects.ts';

/** Keys of the bucket begin so, whatever else lies in it. */
const PREFIX = 'witness/';

/** A witness as objects of a bucket, of another account where the stage names one: locked there, by that account, for whoever writes. */
export class S3Witness implements Witness {
  readonly #objects: S3Objects;

  constructor(parts: ObjectParts) {
    this.#objects = new S3Objects(parts);
  }

  put(key: string, body: Buffer): Promise<boolean> {
    return this.#objects.putOnce(PREFIX + key, body);
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#objects.get(PREFIX + key);
  }

  async list(prefix: string): Promise<readonly string[]> {
    return (await this.#objects.list(PREFIX + prefix)).map((key) => key.slice(PREFIX.length));
  }
}
