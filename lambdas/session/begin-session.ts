import { createHash } from 'node:crypto';
import type { SessionRequest } from '../../api/session.ts';
import { codeOf } from '../../events/errors.ts';
import type { SignInRefusal } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { ApplicationName } from '../../platform/ports/identity.ts';
import type { IssuedToken, SessionBegin, SessionOwner } from '../../platform/ports/sessions.ts';
import type { Answer } from '../http/answers.ts';
import type { SessionDesk } from './desk.ts';
import { deviceOf } from './device.ts';
import { refuse, tokenOf } from './tokens.ts';

/** Why `Sessions.begin` lets somebody in no more. */
const ENDED: Readonly<Record<string, SignInRefusal>> = { ERR_SIGN_IN_ENDED: 'person-ended', ERR_SIGN_IN_BARRED: 'person-barred' };

/**
 * Begins a session with what the identity provider said: its token has to name the key that the request is proved by, and is taken once. What
 * is not on record does not begin.
 * @throws ERR_SIGN_IN_REFUSED for whatever reason, which goes to log and stream alone
 */
export async function beginSession(
  desk: SessionDesk,
  application: ApplicationName,
  { caller, body }: { readonly caller: Principal; readonly body: SessionRequest },
): Promise<Answer> {
  // Without a proof there is nothing to look at a signature for.
  if (caller.proofKey === undefined) return await refuseTry(desk, 'proof-missing');
  const signedIn = await desk.identity.verify(body.idToken, application);
  if ('refused' in signedIn) return await refuseTry(desk, 'id-token', undefined, signedIn.refused);
  if (caller.proofKey !== signedIn.keyThumbprint) return await refuseTry(desk, 'proof-other-key', signedIn);
  const hash = createHash('sha256').update(body.idToken.split('.').slice(0, 2).join('.')).digest('base64url');
  if (!(await desk.sessions.useOnce('id-token', hash))) return await refuseTry(desk, 'id-token-used', signedIn);
  const { person, role, login, keyThumbprint, at, method } = signedIn;
  const begun = { person, role, login, keyThumbprint, signedInAt: at, method, device: deviceOf(desk.userAgent) };
  return { body: tokenOf(await begin(desk, begun)) };
}

async function begin(desk: SessionDesk, begun: SessionBegin): Promise<IssuedToken> {
  const issued = await desk.sessions.begin(begun).catch(async (error: unknown) => {
    const reason = ENDED[codeOf(error)];
    if (reason === undefined) throw error;
    return await refuseTry(desk, reason, begun);
  });
  try {
    await desk.signIns.started(issued.record, issued.record.endsAt - desk.wall.now());
  } catch (error) {
    await desk.sessions.end(issued.record.session);
    throw error;
  }
  return issued;
}

/** @param owner absent where nobody is proved to be meant @param logged what the log is told, where that is more */
async function refuseTry(desk: SessionDesk, reason: SignInRefusal, owner?: SessionOwner, logged: string = reason): Promise<never> {
  desk.signIns.refused(owner, reason);
  return refuse(desk, logged);
}
