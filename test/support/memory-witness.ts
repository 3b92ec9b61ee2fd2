import type { Witness } from '../../platform/ports/witness.ts';

/** A witness in memory; `down` makes it unreachable. */
export class MemoryWitness implements Witness {
  readonly kept = new Map<string, Buffer>();
  down = false;

  async put(key: string, body: Buffer): Promise<boolean> {
    this.#reach();
    if (this.kept.has(key)) return false;
    this.kept.set(key, Buffer.from(body));
    return true;
  }

  async get(key: string): Promise<Buffer | undefined> {
    this.#reach();
    return this.kept.get(key);
  }

  async list(prefix: string): Promise<readonly string[]> {
    this.#reach();
    return [...this.kept.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  #reach(): void {
    if (this.down) throw new Error('nobody there');
  }
}
