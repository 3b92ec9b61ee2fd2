import { phase } from './state.ts';

/** How old a sign-in may be for what gives something away or ends something, as the routes have it. */
const RECENT_MS = 5 * 60_000;

/** Asked beforehand, so that nobody does work that a sign-in then forgets; the service alone decides. */
export function isSignInRecent(): boolean {
  const session = phase.value.at === 'inside' ? phase.value.session : undefined;
  return session === undefined || session.now() - session.signedInAt < RECENT_MS;
}
