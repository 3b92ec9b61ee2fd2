import type { FeedGrew } from '../../events/catalogue/feed-grew.ts';
import { feedGrewType } from '../../events/catalogue/feed-grew.ts';
import { AREA_STREAMS, areaFeed, FORECAST_STREAMS, forecastFeed } from '../shared/operator-feed.ts';
import { feedMapping } from './feed-events.ts';
import { factEvent, type RelayMapping } from './mapping.ts';

/** What the grid operator is told: nothing that names a meter or a home reaches this file. @source X.1332 9.4 */
export const OPERATOR_MAPPINGS: readonly RelayMapping[] = [
  feedMapping('operator'),
  grew(AREA_STREAMS, areaFeed),
  grew(FORECAST_STREAMS, forecastFeed),
];

/** Of streams whose every event is an item of a feed: that it has grown, and up to which sequence. Nothing is opened. */
function grew(streams: string, feedOf: (id: string) => string): RelayMapping {
  return {
    audience: 'operator',
    streams,
    opensSubjects: false,
    told: async ({ stream, version, count, at }) => {
      const data: FeedGrew = { feed: feedOf(stream.slice(streams.length)), seq: version + count };
      const fact = { stream, version: version + count - 1 };
      return [factEvent(fact, { type: feedGrewType('operator'), subject: data.feed, at, data })];
    },
  };
}
