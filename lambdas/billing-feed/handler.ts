import middy from '@middy/core';
import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { eachRecord } from '../middleware/each-record.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { billingChain, billRecorded, issueBills } from './issue-bills.ts';
import { issueTotals } from './issue-totals.ts';

/** Queue `billing-feed`: bills that were computed or rated again get their place in the feed. @source X.1332 8.3, 9.2 */
export const makeBillingFeed = (platform: Platform, defences: Defences) => {
  const log = handlerLog('billing-feed', platform);
  const counters = makeCounters('billing-feed');
  const chain = billingChain(platform, defences);
  // The feed has one end: messages take it in turn.
  let turn: Promise<unknown> = Promise.resolve();
  const issue = (body: string): Promise<void> => {
    const mine = turn.then(async () => counters.add('ItemsIssued', await issueBills(platform, chain, [billRecorded(body)])));
    turn = mine.catch(() => {});
    return mine;
  };
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('billing-feed', { clock: platform.clock, log }, counters))
    .handler((event, context) => eachRecord(event, context, log, (record) => issue(record.body)));
};

/** Daily: signed control totals of months that have new bills. */
export const makeBillingTotals = (platform: Platform, defences: Defences) => {
  const log = handlerLog('billing-totals', platform);
  const counters = makeCounters('billing-totals');
  const chain = billingChain(platform, defences);
  return middy<ScheduledEvent, void>()
    .use(observed('billing-totals', { clock: platform.clock, log }, counters))
    .handler(async () => counters.add('TotalsIssued', (await issueTotals(platform, chain)).length));
};
