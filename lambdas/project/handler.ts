import middy, { type MiddyfiedHandler } from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent, ScheduledEvent } from 'aws-lambda';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { composeQuarter } from './compose.ts';
import { isBeingMade, makeAnew } from './make-anew.ts';
import { Projector } from './projector.ts';

/** Commits into read models. @source X.1332 7: usage information for customers, sums for the operator */
export function makeProject(platform: Platform, _defences: Defences): MiddyfiedHandler<DynamoDBStreamEvent, DynamoDBBatchResponse> {
  const log = handlerLog('project', platform);
  const projector = new Projector({ ...platform, log });
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(observed('project', { clock: platform.clock, log }, makeCounters('project')))
    .handler((event) => projector.take(event));
}

/** Hourly, until it is done once a quarter: how the leaves of the area tree are made up. @source X.1332 9.4 */
export function makeCompositions(platform: Platform, defences: Defences): MiddyfiedHandler<ScheduledEvent, void> {
  const log = handlerLog('compositions', platform);
  const gate = disclosureGate(defences.disclosureGate);
  return middy<ScheduledEvent, void>()
    .use(observed('compositions', { clock: platform.clock, log }, makeCounters('compositions')))
    .handler(async () => {
      if (await isBeingMade(platform.directory, 'days'))
        return log.warn('leaves are not made up: days are being made anew', { code: 'RESTORED' });
      await composeQuarter(platform, gate);
    });
}

/** Of the fifteen minutes that a run has at most. */
const RUN_MS = 12 * 60_000;

/** Every quarter of an hour: tables follow a restore of the store that people put back themselves. @source X.1332 10.1 (stored data intact) */
export function makeRefold(platform: Platform): MiddyfiedHandler<ScheduledEvent, void> {
  const { clock } = platform;
  const log = handlerLog('refold', platform);
  const counters = makeCounters('refold');
  return middy<ScheduledEvent, void>()
    .use(observed('refold', { clock, log }, counters))
    .handler(async () => {
      const began = clock.now();
      const { left, streams, failed } = await makeAnew({ ...platform, log }, () => clock.now() - began > RUN_MS);
      if (streams > 0) log.warn('streams taken up after a restore', { code: 'RESTORED', count: streams, reason: left.join() });
      counters.add('StreamsTakenUp', streams);
      counters.add('StreamsNotTakenUp', failed);
    });
}
