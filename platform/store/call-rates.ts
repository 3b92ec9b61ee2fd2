import { CUSTOMER, type DoorName, PUBLIC, type Route, type RouteRate, takesSessions } from '../../topology/route.ts';
import type { Principal } from '../ports/authorizer.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

const MINUTE_MS = 60_000;
/** Of an address at a door where tokens are looked at, whatever stands in them: many homes may be behind one address. */
export const KNOCKS: RouteRate = { burst: 600, perMinute: 3_000 };
/** Callers are people with certificates: more names than this are none of ours. */
const MOST = 10_000;

/** A token bucket per caller and route. Works by a monotonic clock: it protects this process, in the time this process has. */
export class CallRates {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * A call before anybody has looked at who makes it: a signature costs more to check than to make up. What is public knows callers apart by
   * where they come from alone. @returns as `take`
   */
  takeUnknown(address: string, { name, rate, roles, door }: Pick<Route, 'name' | 'rate' | 'roles' | 'door'>): number {
    if (roles.includes(PUBLIC)) return this.take(`from ${address} ${name}`, rate);
    return takesSessions({ roles }) ? this.take(`at ${door satisfies DoorName} from ${address}`, KNOCKS) : 0;
  }

  /** A call of a route by whom it was made, once that is known. @returns as `take` */
  takeFor({ person, role }: Principal, { name, rate }: Pick<Route, 'name' | 'rate'>): number {
    if (role === PUBLIC) return 0;
    return this.take(`${role === CUSTOMER ? `customer ${person}` : person} ${name}`, rate);
  }

  /** @returns 0 when a token was left, else the seconds until there is one */
  take(name: string, { burst, perMinute }: RouteRate): number {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * perMinute) / MINUTE_MS);
    bucket.filledAt = now;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > MOST) this.#buckets.delete(this.#buckets.keys().next().value!);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60) / perMinute);
    bucket.tokens -= 1;
    return 0;
  }
}
