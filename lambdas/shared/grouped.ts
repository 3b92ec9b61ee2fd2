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
  readonly #gather: () => Promise<void>;
  readonly #open = new Map<string, Group<T>>();
  readonly #writing = new Map<string, Promise<void>>();

  /** @param most items of one group @param gather what the first of a group waits for beside the group before */
  constructor(most: number, write: (name: string, items: readonly T[]) => Promise<void>, gather: () => Promise<void> = async () => {}) {
    this.#most = most;
    this.#write = write;
    this.#gather = gather;
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
    const done = Promise.all([before.catch(() => undefined), this.#gather()]).then(() => this.#close(name, items));
    this.#open.set(name, { items, done });
    this.#writing.set(name, done);
    return done;
  }

  async #close(name: string, items: readonly T[]): Promise<void> {
    if (this.#open.get(name)?.items === items) this.#open.delete(name);
    await this.#write(name, items);
  }
}
