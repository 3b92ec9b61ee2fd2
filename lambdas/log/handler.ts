import middy, { type MiddyfiedHandler } from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent, ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { collect } from './collect.ts';
import { Sequencer } from './sequencer.ts';

/** Every commit waits for its place in the log. @source X.1332 10.1 (stored data intact) */
export function makeLogCollect(platform: Platform, defences: Defences): MiddyfiedHandler<DynamoDBStreamEvent, DynamoDBBatchResponse> {
  const log = handlerLog('log-collect', platform);
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(observed('log-collect', { clock: platform.clock, log }, makeCounters('log-collect')))
    .handler(async (event) => (defences.merkleLog ? await collect({ ...platform, log }, event) : { batchItemFailures: [] }));
}

/** Every minute: what waits gets its place, and a checkpoint is signed over all of it. Never two at a time. @source X.1332 10.1 (stored data intact) */
export function makeLog(platform: Platform, _defences: Defences): MiddyfiedHandler<ScheduledEvent, void> {
  const log = handlerLog('log', platform);
  const counters = makeCounters('log');
  const sequencer = new Sequencer({ ...platform, log });
  return middy<ScheduledEvent, void>()
    .use(observed('log', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const { logged, witnessed } = await sequencer.run();
      counters.add('EntriesLogged', logged);
      counters.add('CheckpointsSigned');
      if (!witnessed) counters.add('WitnessMissed');
    });
}
