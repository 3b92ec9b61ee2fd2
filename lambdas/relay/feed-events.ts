import type { Audience } from '../../events/catalogue/entry.ts';
import { type FeedGrew, feedGrewType } from '../../events/catalogue/feed-grew.ts';
import { factEvent, type RelayMapping } from './mapping.ts';

/** An audience hears that a feed of its own grew. The sequence of an item is its version plus one, so nothing is opened. */
export function feedMapping(audience: Audience): RelayMapping {
  return {
    audience,
    streams: `feed/${audience}/`,
    opensSubjects: false,
    told: async ({ stream, version, count, at }) => {
      const data: FeedGrew = { feed: stream.slice('feed/'.length), seq: version + count };
      const fact = { stream, version: version + count - 1 };
      return [factEvent(fact, { type: feedGrewType(audience), subject: data.feed, at, data })];
    },
  };
}
