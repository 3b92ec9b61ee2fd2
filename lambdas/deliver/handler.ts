import middy from '@middy/core';
import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { eachRecord } from '../middleware/each-record.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { Deliverer } from './deliverer.ts';
import { countFailing } from './failing.ts';
import { CLOSED_GATES, type DeliveryGates } from './gate.ts';

/** No further item is begun after so long, ms: an invocation ends in order. */
const WAKE_MS = 30_000;
const DUE_MS = 240_000;

/** Queues that say that a feed grew. @source X.1332 9.2 to 9.4 */
export const makeDeliver = (platform: Platform, defences: Defences, gates: DeliveryGates = CLOSED_GATES) => {
  const [log, counters] = [handlerLog('deliver', platform), makeCounters('deliver')];
  const deliverer = new Deliverer({ platform: { ...platform, log }, defences, gates, counters, retries: false });
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('deliver', { clock: platform.clock, log }, counters))
    .handler((event, context) => {
      const until = platform.clock.now() + WAKE_MS;
      return eachRecord(event, context, log, ({ body }) => deliverer.wake(body, until));
    });
};

/** Every minute: attempts that are due, and how many endpoints of each audience wait for one. */
export const makeRedeliver = (platform: Platform, defences: Defences, gates: DeliveryGates = CLOSED_GATES) => {
  const [log, counters] = [handlerLog('redeliver', platform), makeCounters('redeliver')];
  const deliverer = new Deliverer({ platform: { ...platform, log }, defences, gates, counters, retries: true });
  return middy<ScheduledEvent, void>()
    .use(observed('redeliver', { clock: platform.clock, log }, counters))
    .handler(async () => {
      countFailing(counters, await deliverer.due(platform.clock.now() + DUE_MS));
    });
};
