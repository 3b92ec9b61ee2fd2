import { AREA_STREAMS, areaFeed, FORECAST_STREAMS, forecastFeed } from './operator-feed.ts';

/** Feed of bills and control totals to the utility's billing system. Its stream is `feed/` and this. */
export const BILLS_FEED = 'billing/bills';

/** Streams whose every event is an item of a feed, by how the feed's name begins: the sequence of an item is its version plus one. */
const OWN_STREAMS: readonly (readonly [feed: string, streams: string])[] = [
  [areaFeed(''), AREA_STREAMS],
  [forecastFeed(''), FORECAST_STREAMS],
];

export function feedStream(feed: string): string {
  const own = OWN_STREAMS.find(([begin]) => feed.startsWith(begin));
  return own === undefined ? `feed/${feed}` : `${own[1]}${feed.slice(own[0].length)}`;
}
