import type { Clock } from '../../platform/ports/platform.ts';

/** Pulls of one recipient: so many at once, and so many a minute. */
const BURST = 40;
const PER_MINUTE = 300;
const MINUTE_MS = 60_000;
/** Recipients are registered: there are not more. */
const MOST = 10_000;

export interface Rated {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** How often a recipient may still ask; told with every answer. @source draft-ietf-httpapi-ratelimit-headers; RFC 9110 10.2.3 */
export class RecipientRates {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(recipient: string): Rated {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(recipient) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, bucket.tokens + (Math.max(0, now - bucket.at) * PER_MINUTE) / MINUTE_MS);
    const allowed = tokens >= 1;
    this.#buckets.delete(recipient);
    this.#buckets.set(recipient, { tokens: allowed ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > MOST) this.#buckets.delete(this.#buckets.keys().next().value!);
    const left = Math.floor(allowed ? tokens - 1 : tokens);
    const wait = Math.ceil((1 - Math.min(1, tokens)) * (60 / PER_MINUTE));
    const reset = Math.ceil((BURST - left) * (60 / PER_MINUTE));
    return {
      allowed,
      headers: {
        'ratelimit-policy': `"recipient";q=${BURST};w=${Math.ceil((BURST * 60) / PER_MINUTE)}`,
        ratelimit: `"recipient";r=${left};t=${reset}`,
        ...(!allowed && { 'retry-after': String(Math.max(1, wait)) }),
      },
    };
  }
}
