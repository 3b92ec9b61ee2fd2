/** People who may call the console. */
export const PERSON_ROLES = ['operator', 'supervisor', 'auditor', 'security-officer'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/** Systems of others, one role for each door; a certificate of one opens no other door. */
const COUNTERPART_ROLES = ['grid-operator', 'billing-system', 'third-party', 'customer-device'] as const;

/** What a caller with a certificate may be. Everything a route does not name is denied. */
export const API_ROLES = [...PERSON_ROLES, ...COUNTERPART_ROLES] as const;
export type ApiRole = (typeof API_ROLES)[number];

/** Whoever comes without a certificate, where a route says that everybody may: what a browser needs before anybody has signed in. */
export const PUBLIC = 'public';

/** Somebody who signed in at the customers' door: no certificate says so. */
export const CUSTOMER = 'customer';
export type CallerRole = ApiRole | typeof CUSTOMER | typeof PUBLIC;

const SIGN_IN_ROLES: readonly CallerRole[] = [CUSTOMER, ...PERSON_ROLES];

/**
 * Listeners, each with its own address: `console` is the utility's own network, `operator`, `billing` and `third-party` lie behind
 * private links, `customer` alone is reached from the internet.
 */
export const DOORS = ['console', 'operator', 'billing', 'third-party', 'customer'] as const;
export type DoorName = (typeof DOORS)[number];

/** Calls of one caller: so many at once, then so many a minute. */
export interface RouteRate {
  readonly burst: number;
  readonly perMinute: number;
}

/**
 * Calls of one customer over all routes together, whatever each allows besides: a first view of the portal makes some thirty at once, and so may a
 * customer twice. @source X.1332 8.3 (denial of service)
 */
export const CUSTOMER_RATE: RouteRate = { burst: 60, perMinute: 120 };

/** Schemas of what comes with a call, where nothing does. */
export const NOTHING = { path: 'NoParameters', query: 'NoParameters', body: 'NoBody' } as const;

export interface Route {
  /** Operation id, unique over all doors. */
  readonly name: string;
  readonly door: DoorName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments in braces are parameters of one segment each. Method and path are unique over all doors. */
  readonly path: string;
  /** Function of topology/functions.ts that answers. */
  readonly function: string;
  readonly roles: readonly CallerRole[];
  readonly rate: RouteRate;
  /** Media type of the body, where there is one; default JSON. */
  readonly takes?: 'json' | 'form';
  /** The caller must have proved who they are so few minutes ago: a session that goes on is not enough. */
  readonly recentSignInMinutes?: number;
  /** `final-day`: waits for somebody else where the day is final. `is`: the caller is that somebody. */
  readonly secondPerson: 'never' | 'final-day' | 'is';
  /** `versioned`: demands Idempotency-Key, and If-Match with the ETag of what the caller saw. */
  readonly changes: 'nothing' | 'repeatable' | 'versioned';
  /** Names in `API_SCHEMAS` of api/schemas.ts. */
  readonly schemas: { readonly path: string; readonly query: string; readonly body: string; readonly response: string };
}

/** Whether some who may have a route come to it signed in, with a session. */
export function takesSessions({ roles }: Pick<Route, 'roles'>): boolean {
  return roles.some((role) => SIGN_IN_ROLES.includes(role));
}
