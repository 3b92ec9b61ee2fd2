import type { ItemPage, ItemQuery } from '../../api/operator.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { feedStream } from '../shared/feed-names.ts';
import { areaFeed, forecastFeed, PARTITION } from '../shared/operator-feed.ts';

const PAGE = 100;
/** Most items of one commit: a page may begin in the middle of one. */
const ITEMS_PER_COMMIT = 64;

export async function readPartition(platform: Platform, { query }: Call<'readPartition'>): Promise<Answer> {
  return await pageOf(platform, areaFeed(PARTITION), query);
}

/** @throws ERR_AREA_UNKNOWN for an area of which nothing was told */
export async function readArea(platform: Platform, { path, query }: Call<'readArea'>): Promise<Answer> {
  return await pageOf(platform, areaFeed(path.area), query);
}

/** @throws ERR_AREA_UNKNOWN for an area that was never forecast */
export async function readForecast(platform: Platform, { path, query }: Call<'readForecast'>): Promise<Answer> {
  return await pageOf(platform, forecastFeed(path.area), query);
}

/** The sequence of an item is the version of its event plus one: a page has no gap that the stream hasn't. */
async function pageOf({ events }: Platform, feed: string, { since = 0, limit = PAGE }: ItemQuery): Promise<Answer> {
  const stream = feedStream(feed);
  const items: string[] = [];
  let next = since;
  let newest = 0;
  for await (const commit of events.read(stream, Math.max(0, since - ITEMS_PER_COMMIT))) {
    for (const { data } of commit.events) {
      if (!('jws' in data) || !('seq' in data) || data.jws === undefined) continue;
      newest = data.seq;
      if (data.seq <= since || items.length >= limit) continue;
      items.push(data.jws);
      next = data.seq;
    }
    if (newest > next) break;
  }
  if (newest === 0 && since === 0) throw new JoulekeepError('ERR_AREA_UNKNOWN', `${stream}: nothing was told`);
  const body: ItemPage = { feed, items, next, more: newest > next };
  return { body, etag: `"${feed}-${next}"` };
}
