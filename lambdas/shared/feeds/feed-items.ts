import { type DomainEvent, JoulekeepError } from '../../../events/index.ts';
import type { RecordedCommit } from '../../../platform/ports/event-store.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import type { FeedPlace, ReceivedItem } from '../../../protocol/feed.ts';
import { feedStream } from './feed-names.ts';

/** An item of a signed feed as its recipients get it. */
export interface FeedItem extends FeedPlace {
  /** When it was issued, UTC ms. */
  readonly at: number;
  readonly item: ReceivedItem;
}

/** Items behind a sequence, in order, at most so many. */
export type FeedReader = (platform: Platform, feed: string, after: number, most: number) => Promise<readonly FeedItem[]>;

/** Place, hash and time of an item, in whatever fact it is. */
export interface RecordedItem {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
  readonly at: number;
  readonly jws?: string;
}

/** The item that a fact is. @returns undefined for a fact that is none */
export function recordedItem({ data }: DomainEvent): RecordedItem | undefined {
  const { seq, prevHash, hash, at, jws, claims } = data as unknown as Partial<RecordedItem> & { readonly claims?: Partial<FeedPlace> };
  const place = { seq: seq ?? claims?.seq, prevHash: prevHash ?? claims?.prevHash };
  if (place.seq === undefined || place.prevHash === undefined || hash === undefined || at === undefined) return undefined;
  return { seq: place.seq, prevHash: place.prevHash, hash, at, ...(jws === undefined ? {} : { jws }) };
}

/** Of a feed whose items hold nothing of a subject, and so lie in its stream as they were signed. */
export const readOpenFeed: FeedReader = async (platform, feed, after, most) => {
  const items: FeedItem[] = [];
  for await (const { events } of commitsBehind(platform, feed, after)) {
    for (const event of events) {
      const recorded = recordedItem(event);
      if (recorded === undefined || recorded.seq <= after) continue;
      const { seq, prevHash, hash, at, jws } = recorded;
      const place = { feed, seq, prevHash };
      items.push({ ...place, at, item: jws ?? { ...place, erased: hash } });
    }
    if (items.length >= most) break;
  }
  return items.slice(0, most);
};

/**
 * Commits that hold what is behind a sequence. Where an item is a commit of its own, the one behind is at the version of that sequence;
 * where that is the middle of a commit, or of other facts, the stream is read from its beginning.
 */
export async function* commitsBehind(
  { events }: Pick<Platform, 'events'>,
  feed: string,
  after: number,
): AsyncGenerator<RecordedCommit, void, void> {
  const stream = feedStream(feed);
  let isBoundary: boolean | undefined;
  try {
    for await (const commit of events.read(stream, after)) {
      isBoundary ??= commit.version === after && isNext(commit, after);
      if (!isBoundary) break;
      yield commit;
    }
  } catch (error) {
    // What is really damaged shows from the beginning as well.
    if (isBoundary !== undefined || !(error instanceof JoulekeepError) || error.code !== 'ERR_COMMIT_DAMAGED') throw error;
    isBoundary = false;
  }
  if (isBoundary === false) yield* events.read(stream);
}

function isNext({ events }: RecordedCommit, after: number): boolean {
  const first = events[0];
  return first !== undefined && recordedItem(first)?.seq === after + 1;
}
