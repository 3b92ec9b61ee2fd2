/** Feed of bills and control totals to the utility's billing system. */
export const BILLS_FEED = 'billing/bills';

/** Streams that are feeds by themselves, by the prefix of their names: who hears of them, and what the feed is called. Others lie under `feed/`. */
const OWN_STREAMS: readonly { readonly streams: string; readonly feed: string }[] = [
  { streams: 'area/', feed: 'operator/area/' },
  { streams: 'price/', feed: 'customer/price/' },
  { streams: 'demand-response/', feed: 'customer/demand-response/' },
  { streams: 'party-feed/', feed: 'third-party/' },
  { streams: 'feed/', feed: '' },
];

/** Stream in which the items of a feed lie. */
export function feedStream(feed: string): string {
  const own = OWN_STREAMS.find((candidate) => feed.startsWith(candidate.feed))!;
  return `${own.streams}${feed.slice(own.feed.length)}`;
}

/** Feed whose items a stream holds. @returns undefined for a stream that is no feed */
export function feedOfStream(stream: string): string | undefined {
  const own = OWN_STREAMS.find(({ streams }) => stream.startsWith(streams));
  return own === undefined ? undefined : `${own.feed}${stream.slice(own.streams.length)}`;
}

/** Feed of notices to one third party. */
export function partyFeed(recipient: string): string {
  return `third-party/${recipient}`;
}
