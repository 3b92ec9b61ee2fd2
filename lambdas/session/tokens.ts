import type { SessionToken } from '../../api/session.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { IssuedToken } from '../../platform/ports/sessions.ts';
import { instant } from '../http/instants.ts';
import type { SessionDesk } from './desk.ts';

/** @throws ERR_SIGN_IN_REFUSED; the reason goes to the log alone */
export function refuse({ log }: Pick<SessionDesk, 'log'>, reason: string): never {
  log.warn('sign-in refused', { reason });
  throw new JoulekeepError('ERR_SIGN_IN_REFUSED', 'no session');
}

/** A token as its browser is told it. */
export function tokenOf({ token, expiresAt, record }: IssuedToken): SessionToken {
  const { session, person, role, signedInAt, method, endsAt } = record;
  return {
    ...{ token, session, person, role, method },
    ...{ signedInAt: instant(signedInAt), expiresAt: instant(expiresAt), endsAt: instant(endsAt) },
  };
}
