import type { ItemPage, ItemQuery } from '../../api/operator.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { readOpenFeed } from '../shared/feeds/feed-items.ts';
import { areaFeed, PARTITION } from '../shared/feeds/operator-feed.ts';

const PAGE = 100;

export async function readPartition(platform: Platform, { query }: Call<'readPartition'>): Promise<Answer> {
  return await pageOf(platform, areaFeed(PARTITION), query);
}

/** @throws ERR_AREA_UNKNOWN for an area of which nothing was told */
export async function readArea(platform: Platform, { path, query }: Call<'readArea'>): Promise<Answer> {
  return await pageOf(platform, areaFeed(path.area), query);
}

/** The sequence of an item is the version of its event plus one: a page has no gap that the stream hasn't. */
async function pageOf(platform: Platform, feed: string, { since = 0, limit = PAGE }: ItemQuery): Promise<Answer> {
  const found = await readOpenFeed(platform, feed, since, limit + 1);
  if (found.length === 0 && since === 0) throw new JoulekeepError('ERR_AREA_UNKNOWN', `${feed}: nothing was told`);
  const page = found.slice(0, limit);
  const next = page.at(-1)?.seq ?? since;
  const body: ItemPage = {
    feed,
    items: page.flatMap(({ item }) => (typeof item === 'string' ? [item] : [])),
    next,
    more: found.length > limit,
  };
  return { body, etag: `"${feed}-${next}"` };
}
