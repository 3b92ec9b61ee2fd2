import type { Platform } from '../../platform/ports/platform.ts';
import type { FeedPlace, ReceivedItem } from '../../protocol/feed.ts';
import { feedStream } from './feed-names.ts';

/** An item of a signed feed as its recipients get it. */
export interface FeedItem extends FeedPlace {
  /** When it was issued, UTC ms. */
  readonly at: number;
  readonly item: ReceivedItem;
}

/** Items behind a sequence, in order, at most so many. */
export type FeedReader = (platform: Platform, feed: string, after: number, most: number) => Promise<readonly FeedItem[]>;

/** Of a feed whose items hold nothing of a subject, and so lie in its stream as they were signed. An item's version is its sequence less one. */
export const readOpenFeed: FeedReader = async ({ events }, feed, after, most) => {
  const items: FeedItem[] = [];
  for await (const commit of events.read(feedStream(feed), after)) {
    for (const { type, data } of commit.events) {
      if (type !== 'FeedItemIssued') continue;
      const { seq, prevHash, hash, jws, at } = data;
      const place = { feed, seq, prevHash };
      items.push({ ...place, at, item: jws ?? { ...place, erased: hash } });
    }
    if (items.length >= most) break;
  }
  return items.slice(0, most);
};
