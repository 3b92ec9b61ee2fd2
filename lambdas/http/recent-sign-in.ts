import { JoulekeepError } from '../../events/errors.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import { type ApiRoute, ROUTES, type RouteName } from '../../topology/routes.ts';

/**
 * The caller proved who they are as few minutes ago as the route wants: a session that goes on is not enough.
 * @param now UTC ms @throws ERR_SIGN_IN_STALE
 */
export function recentlySignedIn({ signIn }: Pick<Principal, 'signIn'>, name: RouteName, now: number): void {
  const minutes = (ROUTES as readonly ApiRoute[]).find((route) => route.name === name)?.recentSignInMinutes;
  if (minutes === undefined) return;
  if (signIn === undefined || signIn.at > now || now - signIn.at > minutes * 60_000)
    throw new JoulekeepError('ERR_SIGN_IN_STALE', `sign in again: this wants a sign-in of the last ${minutes} minutes`);
}
