import type { Clock, ObjectStore } from '../../platform/ports/platform.ts';
import { checkObjectKey, folderOf } from '../../platform/store/object-key.ts';

export class MemoryObjects implements ObjectStore {
  readonly bodies = new Map<string, Buffer>();
  readonly #putAt = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async put(key: string, body: Buffer): Promise<void> {
    checkObjectKey(key);
    this.bodies.set(key, Buffer.from(body));
    this.#putAt.set(key, this.#clock.now());
  }

  async get(key: string): Promise<Buffer | undefined> {
    checkObjectKey(key);
    return this.bodies.get(key);
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    this.bodies.delete(key);
  }

  async olderThan(prefix: string, instant: number): Promise<readonly string[]> {
    return (await this.list(prefix)).filter((key) => this.#putAt.get(key)! < instant);
  }

  async list(prefix: string): Promise<readonly string[]> {
    folderOf(prefix);
    return [...this.bodies.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}
