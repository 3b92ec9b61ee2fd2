/** What one execution reached that none before it did. */
export interface Coverage {
  /** Looks at the counters, forgets them. @returns whether anything is new */
  isNew(): boolean;
  /** Steps of the execution looked at last. */
  readonly steps: number;
  /** Places reached so far, each as often as it was in powers of two. */
  readonly reached: number;
}

/** Counters of one file, as istanbul's instrumenter leaves them. */
interface FileCounters {
  readonly b: Record<string, number[]>;
  readonly f: Record<string, number>;
  readonly s: Record<string, number>;
}

/** Where the instrumented code counts. */
export const COUNTERS = '__joulekeepFuzz__';

/** By how often a place was passed: once, twice, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more. */
function bucketOf(count: number): number {
  if (count < 4) return 1 << (count - 1);
  if (count < 8) return 8;
  if (count < 16) return 16;
  if (count < 32) return 32;
  return count < 128 ? 64 : 128;
}

/** Counters of istanbul, of those files alone whose paths one of the folders begins. */
export class IstanbulCoverage implements Coverage {
  readonly #counters: readonly (number[] | Record<string, number>)[];
  readonly #lengths: readonly number[];
  readonly #seen: Uint8Array;
  steps = 0;
  reached = 0;

  constructor(root: string, covers: readonly string[]) {
    const all = ((globalThis as Record<string, unknown>)[COUNTERS] ?? {}) as Record<string, FileCounters>;
    const ours = Object.entries(all).filter(([path]) => covers.some((folder) => path.startsWith(`${root}/${folder}`)));
    this.#counters = ours.flatMap(([, { b, f, s }]) => [...Object.values(b), f, s]);
    this.#lengths = this.#counters.map((counters) => (Array.isArray(counters) ? counters.length : Object.keys(counters).length));
    this.#seen = new Uint8Array(this.#lengths.reduce((sum, length) => sum + length, 0));
  }

  /** Places there are. */
  get places(): number {
    return this.#seen.length;
  }

  isNew(): boolean {
    let at = 0;
    let fresh = 0;
    let steps = 0;
    for (let i = 0; i < this.#counters.length; i++) {
      const counters = this.#counters[i] as Record<number, number>;
      const length = this.#lengths[i]!;
      for (let j = 0; j < length; j++, at++) {
        const count = counters[j]!;
        if (count === 0) continue;
        counters[j] = 0;
        steps += count;
        const bucket = bucketOf(count);
        if ((this.#seen[at]! & bucket) !== 0) continue;
        this.#seen[at]! |= bucket;
        fresh++;
      }
    }
    this.steps = steps;
    this.reached += fresh;
    return fresh > 0;
  }
}
