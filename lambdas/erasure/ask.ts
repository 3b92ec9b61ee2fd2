import { type ErasureState, lastOf } from '../../domain/erasure/erasure-state.ts';
import type { Remaining } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ERASURE_GRACE_DAYS } from '../../topology/personal-data.ts';
import { type KeysWait, keysEnd, remainingNow, waitOf } from './erase-one.ts';
import { type ErasureFacts, erasureFacts } from './erasure-facts.ts';
import { decideErasure, type RecordedErasure, recordedErasure } from './erasure-stream.ts';

const DAY_MS = 86_400_000;

/** Who asks: the customer, or a person of the utility on the customer's word. */
type Asker = { readonly by: 'customer' } | { readonly by: 'utility'; readonly person: string };

/** How an erasure stands, as its customer may know it. UTC ms. */
export interface ErasureStanding extends RecordedErasure {
  /** What is there until when; of one that nobody asked for, nothing. */
  readonly remaining: readonly Remaining[];
  /** When the last of it is gone; undefined where nobody can know: a tenancy lasts, or a hold. */
  readonly completeAt: number | undefined;
  /** Nothing ends as long as the customer has a tenancy: what remains is told as if it ended now, and is there until then at least. */
  readonly tenancyLasts: boolean;
  readonly outlook: ErasureOutlook;
  /** What its next keys wait for; undefined where nothing does, or none are left. */
  readonly waitsFor: KeysWait | undefined;
}

/** What an erasure waits for; where nobody asked for one, what a request of this moment would. UTC ms. */
interface ErasureOutlook {
  /** Until then it can be taken back in any case. */
  readonly notBefore: number;
  /** The keys of the days are destroyed then; at the earliest, while a tenancy lasts. */
  readonly usageUntil: number;
  /** The same of the bills; undefined where there are none. */
  readonly billsUntil: number | undefined;
}

/** Asked again it is the same request. @throws ERR_ACCOUNT_UNKNOWN */
export async function requestErasure(platform: Platform, account: string, asker: Asker): Promise<ErasureStanding> {
  const facts = await erasureFacts(platform, account);
  const at = platform.clock.now();
  const command = { type: 'RequestErasure', account, ...asker, notBefore: at + ERASURE_GRACE_DAYS * DAY_MS, at } as const;
  await decideErasure(platform, account, command);
  return standingOf(await recordedErasure(platform, account), facts, at);
}

/** @param by person, or `customer` @throws ERR_ERASURE_BEGUN */
export async function withdrawErasure(platform: Platform, account: string, by: string): Promise<ErasureStanding> {
  await decideErasure(platform, account, { type: 'WithdrawErasure', by, at: platform.clock.now() });
  return await erasureStanding(platform, account);
}

/** @throws ERR_ACCOUNT_UNKNOWN */
export async function erasureStanding(platform: Platform, account: string): Promise<ErasureStanding> {
  const facts = await erasureFacts(platform, account);
  return standingOf(await recordedErasure(platform, account), facts, platform.clock.now());
}

function standingOf({ state, wish }: RecordedErasure, facts: ErasureFacts, now: number): ErasureStanding {
  const tenancyLasts = facts.tenancyEnd === undefined;
  const outlook = outlookOf(state, facts, now);
  const told = { wish, tenancyLasts, outlook, waitsFor: waitsFor(state, facts, now) };
  if (state.status === 'none') return { state, remaining: [], completeAt: undefined, ...told };
  const all = remainingNow(state, facts, now);
  const isOpen = tenancyLasts || (state.holds.size > 0 && state.destroyed.billing === undefined);
  const completeAt = isOpen ? undefined : Math.max(state.erased?.completeAt ?? 0, lastOf(all));
  return { state, remaining: all.filter(({ until }) => until > now), completeAt, ...told };
}

/** Law and contract count from the request on, though the next run alone puts them on record. */
function waitsFor(state: ErasureState, facts: ErasureFacts, now: number): KeysWait | undefined {
  const { status, begun } = state;
  if (status === 'none' || (begun.usage !== undefined && (status !== 'erased' || begun.billing !== undefined))) return undefined;
  const of = begun.usage === undefined ? 'usage' : 'billing';
  return waitOf(state, of, facts, now) ?? (now < keysEnd(state, facts, now)[of] ? 'law' : undefined);
}

function outlookOf(state: ErasureState, facts: ErasureFacts, now: number): ErasureOutlook {
  const notBefore = state.notBefore ?? now + ERASURE_GRACE_DAYS * DAY_MS;
  const { usage, billing } = keysEnd({ ...state, notBefore }, facts, now);
  return { notBefore, usageUntil: usage, billsUntil: facts.billsUntil > 0 ? billing : undefined };
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
