import middy from '@middy/core';
import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { eachRecord } from '../middleware/each-record.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { dueRuns } from './due-runs.ts';
import { takeDay } from './take-day.ts';

/** Queue `billing`: days that became final or were restated. @source X.1332 7 */
export const makeBilling = (platform: Platform) => {
  const log = handlerLog('billing', platform);
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('billing', { clock: platform.clock, log }, makeCounters('billing')))
    .handler((event, context) => eachRecord(event, context, log, (record) => takeDay(platform, record.body)));
};

/** Daily: bills the periods whose days are final. */
export const makeBillRuns = (platform: Platform) => {
  const counters = makeCounters('bill-runs');
  const log = handlerLog('bill-runs', platform);
  return middy<ScheduledEvent, void>()
    .use(observed('bill-runs', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const { issued, held, failed } = await dueRuns(platform);
      if (failed > 0) log.error('bills not rated', { code: 'BILLS_FAILED', count: failed });
      counters.add('BillsIssued', issued);
      counters.add('BillsHeld', held);
      counters.add('BillsFailed', failed);
    });
};
