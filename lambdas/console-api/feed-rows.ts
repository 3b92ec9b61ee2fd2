import type { FeedsView } from '../../api/console.ts';
import { type DeliveryState, delivery } from '../../domain/delivery/delivery.ts';
import { type DomainEvent, JoulekeepError } from '../../events/index.ts';
import type { EventStore, RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { deliveryStream, type Endpoint, endpointsOf } from '../deliver/endpoints.ts';
import { type RecordedItem, recordedItem } from '../shared/feeds/feed-items.ts';
import { feedOfStream } from '../shared/feeds/feed-names.ts';
import { foldStream } from '../shared/streams.ts';
import type { ConsoleDesk } from './desk.ts';

type Audience = FeedsView['feeds'][number]['audience'];

/** A feed and one of its deliveries, or a feed that is brought to nobody. */
export interface FeedRow {
  readonly feed: string;
  readonly stream: string;
  readonly audience: Audience;
  readonly sequence: number;
  /** When the newest item was issued, UTC ms. */
  readonly newest: number | undefined;
  /** Items that are not brought yet; 0 where nobody is brought any. */
  readonly behind: number;
  readonly delivery: (Endpoint & { readonly state: DeliveryState }) | undefined;
}

const STREAMS = ['area/', 'feed/', 'price/', 'demand-response/', 'party-feed/'];
/** Feeds shown. */
const MOST = 200;
/** Other facts that may lie behind the newest item. */
const LOOKED_BACK = 64;

/** Every feed there is, by name. */
export async function feedRows(desk: ConsoleDesk): Promise<readonly FeedRow[]> {
  const streams = await feedStreams(desk);
  const byFeed = Map.groupBy(await endpointsOf(desk), ({ feed }) => feed);
  const rows = await Promise.all(
    streams.map(async (stream): Promise<FeedRow[]> => {
      const name = feedOfStream(stream)!;
      const item = await newestItem(desk, stream);
      const of = { feed: feedId(name), stream, audience: name.split('/')[0] as Audience, newest: item?.at };
      const sequence = item?.seq ?? 0;
      const endpoints = byFeed.get(name) ?? [];
      if (endpoints.length === 0) return [{ ...of, sequence, behind: 0, delivery: undefined }];
      return await Promise.all(
        endpoints.map(async ({ recipient, feed }) => {
          const { state } = await foldStream(desk.events, deliveryStream({ recipient, feed }), delivery, desk.deliveries);
          const behind = state.status === 'open' ? Math.max(0, sequence - state.through) : 0;
          return { ...of, sequence, behind, delivery: { recipient, feed, state } };
        }),
      );
    }),
  );
  return rows.flat().sort((a, b) => (a.feed < b.feed ? -1 : a.feed > b.feed ? 1 : 0));
}

/** How a feed is named in paths. */
export function feedId(name: string): string {
  return name.replaceAll('/', '.');
}

async function feedStreams({ events }: Platform): Promise<readonly string[]> {
  const found: string[] = [];
  for (const prefix of STREAMS) {
    for await (const stream of events.streams(prefix)) {
      if (found.length >= MOST) return found;
      found.push(stream);
    }
  }
  return found;
}

/** The newest item of a stream that is one of those wanted, without reading what is before it. */
export async function newestItem(
  { events }: Pick<Platform, 'events'>,
  stream: string,
  isWanted: (event: DomainEvent) => boolean = () => true,
): Promise<RecordedItem | undefined> {
  const { version } = await events.latest(stream);
  for (let from = version; from >= 0 && from > version - LOOKED_BACK; from--) {
    const commit = await commitAt(events, stream, from);
    const item = commit?.events
      .filter(isWanted)
      .map(recordedItem)
      .findLast((one) => one !== undefined);
    if (item !== undefined) return item;
  }
  return undefined;
}

/** The commit that begins at a version; undefined where none does, or it is not kept any more. */
async function commitAt(events: EventStore, stream: string, version: number): Promise<RecordedCommit | undefined> {
  try {
    for await (const commit of events.read(stream, version)) return commit.version === version ? commit : undefined;
  } catch (error) {
    if (!(error instanceof JoulekeepError) || !['ERR_STREAM_TRIMMED', 'ERR_COMMIT_DAMAGED'].includes(error.code)) throw error;
  }
  return undefined;
}
