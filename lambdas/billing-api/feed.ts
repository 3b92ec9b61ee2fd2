import type { BillingItems, BillingTotals, DeliveryStanding } from '../../api/billing-feed.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { followFeed, monthsInFeed } from '../billing-feed/feed-book.ts';
import { readBillingFeed } from '../billing-feed/read-feed.ts';
import { askReplay } from '../deliver/endpoints.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { BILLS_FEED } from '../shared/feeds/feed-names.ts';

const PAGE = 50;

/** Items as they were signed, behind what the caller has; bills are opened under this function's name. */
export async function listBillingItems(platform: Platform, { query }: Call<'listBillingItems'>): Promise<Answer> {
  const { after = 0, limit = PAGE } = query;
  const items = await readBillingFeed(platform, after, limit + 1);
  return { body: { items: items.slice(0, limit).map(({ item }) => item), more: items.length > limit } satisfies BillingItems };
}

/** @throws ERR_TOTALS_UNKNOWN for a month that was not summed up yet */
export async function showBillingTotals(platform: Platform, { path }: Call<'showBillingTotals'>): Promise<Answer> {
  await followFeed(platform);
  const item = (await monthsInFeed(platform)).get(path.month)?.item ?? 0;
  const [totals] = item === 0 ? [] : await readBillingFeed(platform, item - 1, 1);
  if (typeof totals?.item !== 'string') throw new JoulekeepError('ERR_TOTALS_UNKNOWN', `no control totals of ${path.month}`);
  return { body: { item: totals.item } satisfies BillingTotals };
}

/** Pushes everything behind a sequence again, to the caller's own endpoint. @throws ERR_DELIVERY_UNSET, ERR_REPLAY_AHEAD */
export async function replayBillingItems(platform: Platform, { caller, body }: Call<'replayBillingItems'>): Promise<Answer> {
  const { through, setAside } = await askReplay(platform, { recipient: caller.person, feed: BILLS_FEED }, body.after, caller.person);
  return { body: { through, setAside: setAside.map(({ from, through: last }) => ({ from, through: last })) } satisfies DeliveryStanding };
}
