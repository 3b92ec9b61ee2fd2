import type { SignInList } from '../../api/sign-ins.ts';
import type { SignInRecord } from '../../domain/sign-in/history.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { Answer } from '../http/answers.ts';
import { instant } from '../http/instants.ts';
import type { SessionDesk } from './desk.ts';

const SHOWN = 20;

/** The caller's own sign-ins, newest first: which are open, how the others ended, and how many tries were refused in between. */
export async function listSignIns(desk: SessionDesk, { caller }: { readonly caller: Principal }): Promise<Answer> {
  const [{ signIns, refusedSince }, running] = await Promise.all([desk.signIns.history(caller), desk.sessions.of(caller)]);
  const open = new Set(running.map(({ session }) => session));
  const newest = signIns.toReversed().slice(0, SHOWN);
  const shown = newest.map((one) => ({
    ...{ session: one.session, current: one.session === caller.signIn?.session, at: instant(one.at) },
    ...{ device: one.device, method: one.method, refusedBefore: one.refusedBefore },
    ...stateOf(one, open.has(one.session)),
  }));
  return { body: { signIns: shown, refusedSince } satisfies SignInList };
}

/** What ended without an event came to its end by itself. */
export function stateOf({ ended, endsAt }: Pick<SignInRecord, 'ended' | 'endsAt'>, isOpen: boolean) {
  if (ended !== undefined) return { state: 'ended', endedAt: instant(ended.at), why: ended.why } as const;
  return isOpen
    ? ({ state: 'open', endedAt: null, why: null } as const)
    : ({ state: 'over', endedAt: instant(endsAt), why: null } as const);
}
