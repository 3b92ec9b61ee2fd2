import { type ErasureState, lastOf } from '../../domain/erasure/erasure-state.ts';
import type { Remaining } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ERASURE_GRACE_DAYS } from '../../topology/personal-data.ts';
import { remainingNow } from './erase-one.ts';
import { type ErasureFacts, erasureFacts } from './erasure-facts.ts';
import { decideErasure, erasureState } from './erasure-stream.ts';

const DAY_MS = 86_400_000;

/** Who asks: the customer, or a person of the utility on the customer's word. */
type Asker = { readonly by: 'customer' } | { readonly by: 'utility'; readonly person: string };

/** How an erasure stands, as its customer may know it. UTC ms. */
export interface ErasureStanding {
  readonly state: ErasureState;
  /** What is there until when; of one that nobody asked for, nothing. */
  readonly remaining: readonly Remaining[];
  /** When the last of it is gone; undefined where nobody can know: a tenancy lasts, or a hold. */
  readonly completeAt: number | undefined;
  /** Nothing ends as long as the customer has a tenancy: what remains is told as if it ended now, and is there until then at least. */
  readonly tenancyLasts: boolean;
}

/** Asked again it is the same request. @throws ERR_ACCOUNT_UNKNOWN */
export async function requestErasure(platform: Platform, account: string, asker: Asker): Promise<ErasureStanding> {
  const facts = await erasureFacts(platform, account);
  const at = platform.clock.now();
  const command = { type: 'RequestErasure', account, ...asker, notBefore: at + ERASURE_GRACE_DAYS * DAY_MS, at } as const;
  return standingOf((await decideErasure(platform, account, command)).state, facts, at);
}

/** @param by person, or `customer` @throws ERR_ERASURE_BEGUN */
export async function withdrawErasure(platform: Platform, account: string, by: string): Promise<ErasureStanding> {
  await decideErasure(platform, account, { type: 'WithdrawErasure', by, at: platform.clock.now() });
  return await erasureStanding(platform, account);
}

/** @throws ERR_ACCOUNT_UNKNOWN */
export async function erasureStanding(platform: Platform, account: string): Promise<ErasureStanding> {
  const facts = await erasureFacts(platform, account);
  return standingOf(await erasureState(platform, account), facts, platform.clock.now());
}

function standingOf(state: ErasureState, facts: ErasureFacts, now: number): ErasureStanding {
  const tenancyLasts = facts.tenancyEnd === undefined;
  if (state.status === 'none') return { state, remaining: [], completeAt: undefined, tenancyLasts };
  const all = remainingNow(state, facts, now);
  const isOpen = tenancyLasts || (state.holds.size > 0 && state.destroyed.billing === undefined);
  const completeAt = isOpen ? undefined : Math.max(state.erased?.completeAt ?? 0, lastOf(all));
  return { state, remaining: all.filter(({ until }) => until > now), completeAt, tenancyLasts };
}

interface Hold {
  readonly hold: string;
  readonly legalBasis: string;
}

/** @throws ERR_ACCOUNT_UNKNOWN, ERR_HOLD_INVALID, ERR_ERASURE_BEGUN */
export async function placeHold(platform: Platform, account: string, { hold, legalBasis }: Hold, by: string): Promise<void> {
  await erasureFacts(platform, account);
  await decideErasure(platform, account, { type: 'PlaceHold', hold, legalBasis, by, at: platform.clock.now() });
}

/** @throws ERR_HOLD_UNKNOWN, ERR_SECOND_PERSON */
export async function releaseHold(platform: Platform, account: string, hold: string, by: string): Promise<void> {
  await decideErasure(platform, account, { type: 'ReleaseHold', hold, by, at: platform.clock.now() });
}
