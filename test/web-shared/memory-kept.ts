import type { Kept } from '../../web/shared/kept.ts';

/** A browser's database in memory: keys stay objects, everything else is as it was put. */
export class MemoryKept implements Kept {
  readonly values = new Map<string, unknown>();

  async get(name: string): Promise<unknown> {
    return this.values.get(name);
  }

  async put(name: string, value: unknown): Promise<void> {
    this.values.set(name, value);
  }

  async delete(name: string): Promise<void> {
    this.values.delete(name);
  }

  async names(): Promise<readonly string[]> {
    return [...this.values.keys()];
  }
}
