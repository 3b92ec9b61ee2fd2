interface Group<T> {
  readonly items: T[];
  readonly done: Promise<void>;
}

/**
 * Group commit: while one group of a name is being written, what comes meanwhile waits and makes the next group. Many
 * small records of one stream become few commits, and everybody waits until its own is durable.
 */
export class Grouped<T> {
  readonly #write: (name: string, items: readonly T[]) => Promise<void>;
  readonly #most: number;
  readonly #open = new Map<string, Group<T>>();
  readonly #writing = new Map<string, Promise<void>>();

  /** @param most items of one group */
  constructor(most: number, write: (name: string, items: readonly T[]) => Promise<void>) {
    this.#most = most;
    this.#write = write;
  }

  /** Resolves when the item is written. */
  add(name: string, item: T): Promise<void> {
    const open = this.#open.get(name);
    if (open !== undefined && open.items.length < this.#most) {
      open.items.push(item);
      return open.done;
    }
    const items = [item];
    const before = this.#writing.get(name) ?? Promise.resolve();
    const done = before.catch(() => undefined).then(() => this.#close(name, items));
    this.#open.set(name, { items, done });
    this.#writing.set(name, done);
    return done;
  }

  async #close(name: string, items: readonly T[]): Promise<void> {
    if (this.#open.get(name)?.items === items) this.#open.delete(name);
    await this.#write(name, items);
  }
}
