import { account as accountDecider, type KnownAccount } from '../../domain/account/account.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { BILL_YEARS, LAST_BILL_DAYS } from '../../topology/personal-data.ts';
import { lastBilledAt } from '../billing/open-billing.ts';
import { resealsDue } from '../register/reseal-agenda.ts';
import { foldStream } from '../shared/streams.ts';

const DAY_MS = 86_400_000;

/** What the rest of the service says of a customer, as far as an erasure hangs on it. UTC ms. */
export interface ErasureFacts {
  readonly account: KnownAccount;
  /** Usage points that are or were the customer's. */
  readonly points: readonly string[];
  /** End of the last tenancy; undefined while one lasts. Without any it is when the account was opened, or before. */
  readonly tenancyEnd: number | undefined;
  /** Until then bills have to be kept, by when the last of them went out and the last tenancy ended; 0 where there are none. While a tenancy lasts there are more to come: until then at least. */
  readonly billsUntil: number;
}

/** @throws ERR_ACCOUNT_UNKNOWN */
export async function erasureFacts(platform: Platform, accountId: string): Promise<ErasureFacts> {
  const { state } = await foldStream(platform.events, `account/${accountId}`, accountDecider);
  if (state.status === 'unopened') throw new JoulekeepError('ERR_ACCOUNT_UNKNOWN', `${accountId}: there is no such account`);
  const spans = Object.values(state.tenancies).flat();
  const now = platform.clock.now();
  const ends = spans.map(({ until }) => (until === undefined || until > now ? undefined : until));
  const tenancyEnd = ends.includes(undefined) ? undefined : Math.max(0, ...(ends as number[]));
  const billedAt = await lastBilledAt(platform, accountId);
  const billsUntil = billedAt === undefined ? 0 : yearsBehind(Math.max(billedAt, tenancyEnd ?? now));
  return { account: state, points: Object.keys(state.tenancies), tenancyEnd, billsUntil };
}

/** Days may be taken from then on: nobody needs them for a bill any more. */
export function daysFreeAt(tenancyEnd: number): number {
  return tenancyEnd === 0 ? 0 : tenancyEnd + LAST_BILL_DAYS * DAY_MS;
}

/** Whether days of these usage points wait to be sealed again under whom they are now: until then some of another's lie under this one's key. */
export async function isResealOwed(platform: Platform, points: readonly string[]): Promise<boolean> {
  const due = new Set(await resealsDue(platform));
  return points.some((point) => due.has(point));
}

/** Meters that ever hung at these usage points. */
export async function metersAt({ events }: Pick<Platform, 'events'>, points: readonly string[]): Promise<ReadonlySet<string>> {
  const meters = new Set<string>();
  for (const point of points) {
    const { state } = await foldStream(events, `usagepoint/${point}`, usagePoint);
    if (state.status !== 'unopened') for (const { meterId } of state.installations) meters.add(meterId);
  }
  return meters;
}

/** The end of the year, and so many years more. */
function yearsBehind(instant: number): number {
  return Date.UTC(new Date(instant).getUTCFullYear() + 1 + BILL_YEARS, 0, 1);
}
