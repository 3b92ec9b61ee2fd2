import { createHash } from 'node:crypto';
import type { SessionEnded, SessionList, SessionRequest, SessionsOf, SessionToken } from '../../api/session.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { ApplicationName, SignedInPerson } from '../../platform/ports/identity.ts';
import type { IssuedToken, SessionRecord } from '../../platform/ports/sessions.ts';
import { PERSON_ROLES } from '../../topology/route.ts';
import type { Answer } from '../http/answers.ts';
import { instant } from '../http/instants.ts';
import type { SessionDesk } from './desk.ts';
import { deviceOf } from './device.ts';

/**
 * Begins a session with what the identity provider said: its token has to name the key that the request is proved by, and is taken once.
 * @throws ERR_SIGN_IN_REFUSED for whatever reason, which goes to the log alone
 */
export async function beginSession(
  desk: SessionDesk,
  application: ApplicationName,
  { caller, body }: { readonly caller: Principal; readonly body: SessionRequest },
): Promise<Answer> {
  // Without a proof there is nothing to look at a signature for.
  if (caller.proofKey === undefined) return refuse(desk, 'proof-missing');
  const signedIn = await desk.identity.verify(body.idToken, application);
  if ('refused' in signedIn) return refuse(desk, signedIn.refused);
  if (caller.proofKey !== signedIn.keyThumbprint) return refuse(desk, 'proof-other-key');
  const hash = createHash('sha256').update(body.idToken.split('.').slice(0, 2).join('.')).digest('base64url');
  if (!(await desk.sessions.useOnce('id-token', hash))) return refuse(desk, 'id-token-used');
  const { person, role, login, keyThumbprint, at, method } = signedIn;
  const begun = { person, role, login, keyThumbprint, signedInAt: at, method, device: deviceOf(desk.userAgent) };
  try {
    return { body: tokenOf(await desk.sessions.begin(begun)) };
  } catch (error) {
    if (error instanceof JoulekeepError && error.code === 'ERR_SIGN_IN_ENDED') return refuse(desk, 'person-ended');
    throw error;
  }
}

/** How long a session goes on without the provider being asked whether the person still may; and how long when it can't be asked. */
const ASKED_MS = 10 * 60_000;
const UNASKED_MS = 60 * 60_000;

/** Another token of the session that asks. @throws ERR_SIGN_IN_REFUSED when it ended meanwhile, or the person may sign in no more */
export async function renewSession(desk: SessionDesk): Promise<Answer> {
  const record = await currentOf(desk);
  if (desk.wall.now() >= record.endsAt) return refuse(desk, 'session-over');
  const askedAt = await askedOf(desk, record);
  return { body: tokenOf(await desk.sessions.renew(record, askedAt)) };
}

/** When the provider last said yes. Who it says no of has no session any more, anywhere. */
async function askedOf(desk: SessionDesk, record: SessionRecord): Promise<number> {
  const now = desk.wall.now();
  if (now - record.askedAt < ASKED_MS) return record.askedAt;
  const { person, login } = record;
  const role = record.role as SignedInPerson['role'];
  const active = await desk.identity.isActive({ person, role, login }).catch(() => undefined);
  if (active === true) return now;
  if (active === undefined && now - record.askedAt < UNASKED_MS) return record.askedAt;
  if (active === false) await desk.sessions.endAll(record);
  return refuse(desk, active === false ? 'person-removed' : 'provider-silent');
}

/** Ends all sessions of somebody, whoever they are. Says besides whether anybody is known by that name: a slip leaves a mark and ends nothing. */
export async function endSessionsOf(desk: SessionDesk, { body }: { readonly body: SessionsOf }): Promise<Answer> {
  const owner = { person: body.person, role: body.customer ? 'customer' : 'operator' } as const;
  const running = await desk.sessions.of(owner);
  await desk.sessions.endAll(owner);
  return ended(running.length > 0 || (!body.customer && (await signsIn(desk, body.person))));
}

/** Whether a person of the utility is known to the provider; taken for known while it can't be asked. */
async function signsIn({ identity }: SessionDesk, person: string): Promise<boolean> {
  try {
    for (const role of PERSON_ROLES) if (await identity.isActive({ person, role, login: person })) return true;
    return false;
  } catch {
    return true;
  }
}

/** Ends the session that asks, for all its tokens. */
export async function endSession(desk: SessionDesk, { caller }: { readonly caller: Principal }): Promise<Answer> {
  if (caller.signIn === undefined) return ended(false);
  await desk.sessions.end(caller.signIn.session);
  return ended(true);
}

export async function listSessions(desk: SessionDesk, { caller }: { readonly caller: Principal }): Promise<Answer> {
  const all = await desk.sessions.of(caller);
  const sessions = all.map(({ session, signedInAt, lastUsedAt, endsAt, method, device }) => ({
    ...{ session, current: session === caller.signIn?.session, method, device },
    ...{ signedInAt: instant(signedInAt), lastUsedAt: instant(lastUsedAt), endsAt: instant(endsAt) },
  }));
  return { body: { sessions } satisfies SessionList };
}

/** Ends another session of the one who asks; a session of somebody else is as unknown as none. */
export async function endOtherSession(
  desk: SessionDesk,
  { caller, path }: { readonly caller: Principal; readonly path: { readonly session: string } },
): Promise<Answer> {
  const own = (await desk.sessions.of(caller)).some(({ session }) => session === path.session);
  if (own) await desk.sessions.end(path.session);
  return ended(own);
}

async function currentOf(desk: SessionDesk): Promise<SessionRecord> {
  const record = desk.token === undefined ? { refused: 'session-missing' } : await desk.sessions.find(desk.token);
  return 'refused' in record ? refuse(desk, record.refused) : record;
}

function refuse({ log }: SessionDesk, reason: string): never {
  log.warn('sign-in refused', { reason });
  throw new JoulekeepError('ERR_SIGN_IN_REFUSED', 'no session');
}

function tokenOf({ token, expiresAt, record }: IssuedToken): SessionToken {
  const { session, person, role, signedInAt, method, endsAt } = record;
  return {
    ...{ token, session, person, role, method },
    ...{ signedInAt: instant(signedInAt), expiresAt: instant(expiresAt), endsAt: instant(endsAt) },
  };
}

function ended(isEnded: boolean): Answer {
  return { body: { ended: isEnded } satisfies SessionEnded };
}
