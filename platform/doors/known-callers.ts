import { hash } from 'node:crypto';
import { CUSTOMER, type Route, takesSessions } from '../../topology/route.ts';
import type { Principal } from '../ports/authorizer.ts';
import { keepNewest } from '../store/newest.ts';

/** Tokens that came last. */
const MOST = 10_000;

/**
 * Which customer a header with a token spoke for when its proof last held. It says whose share a request is to be counted against before anything
 * of it is looked at, and nothing else: whoever it lets in is judged all the same. Kept by hash, for tokens are secrets.
 */
export class KnownCallers {
  readonly #customers = new Map<string, string>();

  /** Nobody at a route where no token is looked at. */
  of(authorization: string | undefined, route: Pick<Route, 'roles'>): string | undefined {
    return authorization === undefined || !takesSessions(route) ? undefined : this.#customers.get(nameOf(authorization));
  }

  note(authorization: string | undefined, { person, role }: Principal): void {
    if (authorization === undefined || role !== CUSTOMER) return;
    keepNewest(this.#customers, nameOf(authorization), person, MOST);
  }
}

function nameOf(authorization: string): string {
  return hash('sha256', authorization, 'base64url');
}
