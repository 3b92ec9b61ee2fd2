import { CUSTOMER, CUSTOMER_RATE, type DoorName, PUBLIC, type Route, type RouteRate, takesSessions } from '../../topology/route.ts';
import type { Principal } from '../ports/authorizer.ts';
import { keepNewest } from '../store/newest.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A bucket by its name, and how it fills. */
type Share = readonly [name: string, rate: RouteRate];

const MINUTE_MS = 60_000;
/** Of an address at a door where tokens are looked at, whatever stands in them: many homes may be behind one address. */
export const KNOCKS: RouteRate = { burst: 600, perMinute: 3_000 };
/** Buckets that were touched last: more than this at a time are of more callers than we have. */
const MOST = 10_000;

/**
 * Token buckets per caller and route, and one of each customer over all routes. Works by a monotonic clock: it protects this process, in the time
 * this process has.
 */
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
  takeFor({ person, role }: Principal, route: Pick<Route, 'name' | 'rate'>): number {
    if (role === PUBLIC) return 0;
    return this.#takeAll(role === CUSTOMER ? sharesOf(person, route) : [[`${person} ${route.name}`, route.rate]]);
  }

  /** What `takeFor` would say of a customer's call; takes nothing. */
  waitOf(customer: string, route: Pick<Route, 'name' | 'rate'>): number {
    return this.#longest(sharesOf(customer, route));
  }

  /** @returns 0 when a token was left, else the seconds until there is one */
  take(name: string, rate: RouteRate): number {
    return this.#takeAll([[name, rate]]);
  }

  /** One of each bucket, or none of any. */
  #takeAll(shares: readonly Share[]): number {
    const wait = this.#longest(shares);
    if (wait === 0) for (const [name] of shares) this.#buckets.get(name)!.tokens -= 1;
    return wait;
  }

  #longest(shares: readonly Share[]): number {
    return Math.max(...shares.map((share) => this.#wait(share)));
  }

  #wait([name, { burst, perMinute }]: Share): number {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * perMinute) / MINUTE_MS);
    bucket.filledAt = now;
    keepNewest(this.#buckets, name, bucket, MOST);
    return bucket.tokens < 1 ? Math.ceil(((1 - bucket.tokens) * 60) / perMinute) : 0;
  }
}

function sharesOf(customer: string, { name, rate }: Pick<Route, 'name' | 'rate'>): readonly Share[] {
  return [
    [`customer ${customer}`, CUSTOMER_RATE],
    [`customer ${customer} ${name}`, rate],
  ];
}
