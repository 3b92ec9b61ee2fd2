import type { Erasure } from '../../api/customer-account.ts';
import { type ErasureStanding, erasureStanding, requestErasure, withdrawErasure } from '../erasure/ask.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant, instantOrNull } from '../http/instants.ts';
import { recentlySignedIn } from '../http/recent-sign-in.ts';
import { type AccountDesk, ownAccount } from './account-desk.ts';

/** How the end of the caller's data stands, and what is where until when. @throws ERR_NOT_OWN */
export async function showErasure(desk: AccountDesk, { caller }: Call<'showErasure'>): Promise<Answer> {
  await ownAccount(desk, caller.person);
  return answerOf(await erasureStanding(desk, caller.person));
}

/** Asks for it: the same request however often. @throws ERR_SIGN_IN_STALE, ERR_NOT_OWN */
export async function askForErasure(desk: AccountDesk, { caller }: Call<'requestErasure'>): Promise<Answer> {
  if (desk.defences.recentSignIn) recentlySignedIn(caller, 'requestErasure', desk.wall.now());
  await ownAccount(desk, caller.person);
  return answerOf(await requestErasure(desk, caller.person, { by: 'customer' }));
}

/** Takes it back, as long as it has not begun. @throws ERR_ERASURE_BEGUN, ERR_NOT_OWN */
export async function takeErasureBack(desk: AccountDesk, { caller }: Call<'withdrawErasure'>): Promise<Answer> {
  await ownAccount(desk, caller.person);
  return answerOf(await withdrawErasure(desk, caller.person, 'customer'));
}

function answerOf({ state, wish, ...standing }: ErasureStanding): Answer {
  const { remaining, completeAt, tenancyLasts, outlook, waitsFor } = standing;
  const { status, requestedAt, notBefore, holds, deferred } = state;
  const kept = Object.values(deferred).map(({ class: of, legalBasis, until }) => ({ class: of, legalBasis, until: instantOrNull(until) }));
  const body: Erasure = {
    ...{ status, requestedAt: instantOrNull(requestedAt), notBefore: instantOrNull(notBefore), held: holds.size > 0, kept },
    remaining: remaining.map(({ what, until }) => ({ what, until: instant(until) })),
    completeAt: instantOrNull(completeAt),
    waitsFor: waitsFor ?? null,
    outlook: {
      tenancyLasts,
      notBefore: instant(outlook.notBefore),
      usageUntil: instant(outlook.usageUntil),
      billsUntil: instantOrNull(outlook.billsUntil),
    },
    // Their newest word on whether it is wanted, as it is on record.
    receipt:
      wish === undefined ? null : { of: wish.of, at: instant(wish.at), version: wish.head.version, hash: wish.head.hash.toString('hex') },
  };
  return { body };
}
