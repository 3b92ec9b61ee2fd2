/**
 * A rate with a burst of one second. Works by a monotonic clock, not the platform's: it protects this process, in the
 * time this process has.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** @param perSecond `Infinity` = no limit @param now milliseconds */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = perSecond;
    this.#filledAt = now();
  }

  /** As many as it ever holds: whoever forgets it loses nothing. */
  get full(): boolean {
    return this.#tokens + ((this.#now() - this.#filledAt) * this.#perSecond) / 1_000 >= this.#perSecond;
  }

  /** Takes `amount` as soon as the bucket isn't in debt. @returns 0 when taken, else the milliseconds to wait before asking again */
  take(amount: number): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    const now = this.#now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#filledAt) * this.#perSecond) / 1_000);
    this.#filledAt = now;
    if (this.#tokens <= 0) return Math.max(1, Math.ceil((-this.#tokens * 1_000) / this.#perSecond));
    this.#tokens -= amount;
    return 0;
  }
}
