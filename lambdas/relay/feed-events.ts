import type { Audience } from '../../events/catalogue/entry.ts';
import { type FeedGrew, feedGrewType } from '../../events/catalogue/feed-grew.ts';
import { recordedItem } from '../shared/feeds/feed-items.ts';
import { feedOfStream } from '../shared/feeds/feed-names.ts';
import { factEvent, type RelayMapping } from './mapping.ts';

/** An audience hears that a feed of its own grew, and to which sequence; never what the item says. */
export function feedMapping(audience: Audience, streams = `feed/${audience}/`): RelayMapping {
  return {
    audience,
    streams,
    opensSubjects: false,
    told: async (record, commits) => {
      const { stream, version, events } = await commits.itself(record);
      const feed = feedOfStream(stream);
      const newest = events.findLastIndex((event) => recordedItem(event) !== undefined);
      if (feed === undefined || newest < 0) return [];
      const { seq, at } = recordedItem(events[newest]!)!;
      const data: FeedGrew = { feed, seq };
      return [factEvent({ stream, version: version + newest }, { type: feedGrewType(audience), subject: feed, at, data })];
    },
  };
}
