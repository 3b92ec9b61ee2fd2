import type { Authorizer, Principal } from '../../platform/ports/authorizer.ts';
import { CUSTOMER } from '../../topology/route.ts';

/** Header of a customer who signed in at an instant, UTC ms: what the authorizer below believes. */
export function signedIn(account: string, at: number, method = 'passkey'): { readonly authorization: string } {
  return { authorization: `Signed-In ${JSON.stringify([account, at, method])}` };
}

/** Customers are who they say; everybody else is who the usual authorizer says. How customers really sign in is tested elsewhere. */
export function signedInByHeader(usual: Authorizer): Authorizer {
  return {
    authorize: async (identity, route) => {
      const [, given] = /^Signed-In (.+)$/.exec(identity.authorization ?? '') ?? [];
      if (given === undefined || !route.roles.includes(CUSTOMER)) return await usual.authorize(identity, route);
      const [person, at, method] = JSON.parse(given) as [string, number, string];
      return { allowed: true, person, role: CUSTOMER, signIn: { session: `session-of-${person}`, at, method } };
    },
  };
}

/** A customer as handlers see one. */
export function customerOf(person: string): Principal {
  return { person, role: CUSTOMER, signIn: { session: `session-of-${person}`, at: 0, method: 'passkey' } };
}
