import type { Clock } from '../ports/platform.ts';

export interface CacheBounds {
  /** What was kept so long is asked for again, by the platform's clock. */
  readonly ageMs: number;
  /** And what was handed out so often. */
  readonly uses: number;
  /** Entries; the oldest goes first. */
  readonly capacity: number;
}

interface Kept<Value> {
  readonly value: Promise<Value>;
  readonly since: number;
  uses: number;
}

/** Answers of a paid service, kept by age, by uses and by number. Who asks meanwhile waits for the same answer; faults are not kept. */
export class BoundedCache<Value> {
  readonly #clock: Clock;
  readonly #bounds: CacheBounds;
  /** In order of asking, oldest first. */
  readonly #kept = new Map<string, Kept<Value>>();

  constructor(clock: Clock, bounds: CacheBounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get(key: string, ask: () => Promise<Value>): Promise<Value> {
    const held = this.#kept.get(key);
    if (held !== undefined && this.#clock.now() - held.since < this.#bounds.ageMs && held.uses < this.#bounds.uses) {
      held.uses += 1;
      return held.value;
    }
    this.#kept.delete(key);
    const asked: Kept<Value> = { value: ask(), since: this.#clock.now(), uses: 1 };
    this.#kept.set(key, asked);
    asked.value.catch(() => {
      if (this.#kept.get(key) === asked) this.#kept.delete(key);
    });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#bounds.capacity) break;
      this.#kept.delete(oldest);
    }
    return asked.value;
  }
}
