import type { ConnectionLimits } from '../../../topology/limits.ts';
import { TokenBucket } from './token-bucket.ts';

type ConnectLimits = Pick<ConnectionLimits, 'connectsPerSecondPerClientId' | 'connectsPerSecondPerAccount' | 'connectionsPerAccount'>;

/** Buckets of client ids beyond which full ones are forgotten, once a second. */
const MANY = 10_000;
const SWEEP_MS = 1_000;

/**
 * How fast and how many devices may connect, as IoT Core counts it. Asked only for whom certificate and policy let in: a
 * stranger uses up nobody's share, and one device no more of the account's than its own client id allows.
 * @source X.1332 8.1, 10.1 (denial of service)
 */
export class ConnectQuota {
  readonly #limits: ConnectLimits;
  readonly #now: () => number;
  readonly #account: TokenBucket;
  readonly #clients = new Map<string, TokenBucket>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a monotonic clock */
  constructor(limits: ConnectLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#account = new TokenBucket(limits.connectsPerSecondPerAccount, now);
  }

  /** @param others client ids connected now @returns why the CONNECT is refused */
  refusal(clientId: string, others: { readonly size: number; has(clientId: string): boolean }): string | undefined {
    if (this.#bucketOf(clientId).take(1) > 0) return 'connect-rate';
    if (this.#account.take(1) > 0) return 'account-connect-rate';
    // who connects again takes over its own place
    return others.size >= this.#limits.connectionsPerAccount && !others.has(clientId) ? 'account-connections' : undefined;
  }

  #bucketOf(clientId: string): TokenBucket {
    const known = this.#clients.get(clientId);
    if (known !== undefined) return known;
    if (this.#clients.size >= MANY && this.#now() - this.#sweptAt >= SWEEP_MS) this.#sweep();
    const bucket = new TokenBucket(this.#limits.connectsPerSecondPerClientId, this.#now);
    this.#clients.set(clientId, bucket);
    return bucket;
  }

  #sweep(): void {
    this.#sweptAt = this.#now();
    for (const [name, bucket] of this.#clients) if (bucket.full) this.#clients.delete(name);
  }
}
