import { hash } from 'node:crypto';
import { CUSTOMER } from '../../topology/route.ts';
import type { Principal } from '../ports/authorizer.ts';

/** Tokens that came last. */
const MOST = 10_000;

/**
 * Which customer a header with a token spoke for when its proof last held. It says whose share a request is to be counted against before anything
 * of it is looked at, and nothing else: whoever it lets in is judged all the same. Kept by hash, for tokens are secrets.
 */
export class KnownCallers {
  readonly #customers = new Map<string, string>();

  of(authorization: string | undefined): string | undefined {
    return authorization === undefined ? undefined : this.#customers.get(nameOf(authorization));
  }

  note(authorization: string | undefined, { person, role }: Principal): void {
    if (authorization === undefined || role !== CUSTOMER) return;
    const name = nameOf(authorization);
    this.#customers.delete(name);
    this.#customers.set(name, person);
    if (this.#customers.size > MOST) this.#customers.delete(this.#customers.keys().next().value!);
  }
}

function nameOf(authorization: string): string {
  return hash('sha256', authorization, 'base64url');
}
