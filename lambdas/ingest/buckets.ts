import type { BucketLimit } from './limits.ts';

const HOUR_MS = 3_600_000;

/** Token buckets by dense number, in typed arrays. */
export class Buckets {
  readonly #limit: BucketLimit;
  #tokens = new Float32Array(64);
  #filledAt = new Float64Array(64);

  constructor(limit: BucketLimit) {
    this.#limit = limit;
  }

  /** @param now UTC ms, never needed to be exact @returns whether a token was left */
  take(number: number, now: number): boolean {
    const left = this.has(number, now);
    if (left) this.#tokens[number]! -= 1;
    return left;
  }

  /** Whether a token is left, which stays there. */
  has(number: number, now: number): boolean {
    if (number >= this.#tokens.length) this.#grow(number);
    const last = this.#filledAt[number]!;
    let tokens = this.#tokens[number]!;
    if (last === 0) tokens = this.#limit.burst;
    else if (now > last) tokens = Math.min(this.#limit.burst, tokens + ((now - last) / HOUR_MS) * this.#limit.perHour);
    if (last === 0 || now > last) this.#filledAt[number] = now;
    this.#tokens[number] = tokens;
    return tokens >= 1;
  }

  #grow(number: number): void {
    const size = 2 ** Math.ceil(Math.log2(number + 1));
    const tokens = new Float32Array(size);
    tokens.set(this.#tokens);
    this.#tokens = tokens;
    const filledAt = new Float64Array(size);
    filledAt.set(this.#filledAt);
    this.#filledAt = filledAt;
  }
}

/** Dense numbers for names, so that buckets need no strings. */
export class Numbers {
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
    }
    return number;
  }
}
