/** How many at once, and how many more an hour. */
export interface Allowance {
  readonly burst: number;
  readonly perHour: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const HOUR = 3_600_000;

/**
 * Token buckets by name, in a worker's memory. Bounded: when there are too many names, those not used for longest are
 * forgotten, which gives them a full bucket again and nobody else less.
 */
export class TokenBuckets {
  readonly #allowance: Allowance;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(allowance: Allowance, most = 100_000) {
    this.#allowance = allowance;
    this.#most = most;
  }

  /** @param now UTC ms @returns whether a token was left */
  take(name: string, now: number): boolean {
    const { burst, perHour } = this.#allowance;
    const bucket = this.#buckets.get(name) ?? { tokens: burst, filledAt: now };
    const gained = (Math.max(0, now - bucket.filledAt) / HOUR) * perHour;
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.filledAt = Math.max(bucket.filledAt, now);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > this.#most) this.#buckets.delete(this.#buckets.keys().next().value!);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
