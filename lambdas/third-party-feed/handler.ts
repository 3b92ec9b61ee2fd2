import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { eachRecord } from '../middleware/each-record.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { Notices } from './notices.ts';
import { PartyFeeds } from './party-feeds.ts';

/** Queue `third-party-feed`: what recipients of consents have to be told gets its place in their feeds. @source X.1332 9.3 */
export const makeThirdPartyFeed = (platform: Platform, defences: Defences) => {
  const log = handlerLog('third-party-feed', platform);
  const counters = makeCounters('third-party-feed');
  const notices = new Notices(platform, defences);
  const feeds = new PartyFeeds(platform, defences);
  const issue = async (body: string): Promise<void> => {
    for (const notice of await notices.of(body)) counters.add('NoticesIssued', await feeds.issue(notice));
  };
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('third-party-feed', { clock: platform.clock, log }, counters))
    .handler((event, context) => eachRecord(event, context, log, ({ body }) => issue(body)));
};
