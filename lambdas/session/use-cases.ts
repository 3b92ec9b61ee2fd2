import type { SessionEnded, SessionList, SessionsOf } from '../../api/session.ts';
import type { SessionEndReason } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { SignedInPerson } from '../../platform/ports/identity.ts';
import type { SessionOwner, SessionRecord } from '../../platform/ports/sessions.ts';
import { PERSON_ROLES } from '../../topology/route.ts';
import type { Answer } from '../http/answers.ts';
import { instant } from '../http/instants.ts';
import type { SessionDesk } from './desk.ts';
import { refuse, tokenOf } from './tokens.ts';

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
  if (active === false) await endAll(desk, record, 'person-removed');
  return refuse(desk, active === false ? 'person-removed' : 'provider-silent');
}

/** Ends all sessions of somebody, whoever they are. Says besides whether anybody is known by that name: a slip leaves a mark and ends nothing. */
export async function endSessionsOf(
  desk: SessionDesk,
  { caller, body }: { readonly caller: Principal; readonly body: SessionsOf },
): Promise<Answer> {
  const owner = { person: body.person, role: body.customer ? 'customer' : 'operator' } as const;
  const running = await endAll(desk, owner, 'withdrawn', caller.person);
  return ended(running > 0 || (!body.customer && (await signsIn(desk, body.person))));
}

/** @returns how many ran */
async function endAll(desk: SessionDesk, owner: SessionOwner, why: SessionEndReason, by?: string): Promise<number> {
  const running = await desk.sessions.of(owner);
  await desk.sessions.endAll(owner);
  await desk.signIns.ended(
    owner,
    running.map(({ session }) => session),
    why,
    by,
  );
  return running.length;
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
  await endOne(desk, caller, caller.signIn.session, 'signed-out');
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
  if (own) await endOne(desk, caller, path.session, path.session === caller.signIn?.session ? 'signed-out' : 'ended-by-person');
  return ended(own);
}

/** It ends first: that it did is told of one that has ended. Whoever comes second ends nothing, and tells nothing. */
async function endOne(desk: SessionDesk, owner: SessionOwner, session: string, why: SessionEndReason): Promise<void> {
  if (await desk.sessions.end(session)) await desk.signIns.ended(owner, [session], why);
}

async function currentOf(desk: SessionDesk): Promise<SessionRecord> {
  const record = desk.token === undefined ? { refused: 'session-missing' } : await desk.sessions.find(desk.token);
  return 'refused' in record ? refuse(desk, record.refused) : record;
}

function ended(isEnded: boolean): Answer {
  return { body: { ended: isEnded } satisfies SessionEnded };
}
