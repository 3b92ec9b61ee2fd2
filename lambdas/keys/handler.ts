import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { eachRecord } from '../middleware/each-record.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { makeKeysContext } from './context.ts';
import { handleMessage } from './handle-message.ts';

/**
 * Handshakes, certificate renewals and epoch requests: the queues `handshake` and `service`. The only function that may
 * use the agreement key. @source X.1332 9.1 (end-to-end confidentiality), 10.1
 */
export const makeKeys = (platform: Platform, defences: Defences = ALL_DEFENCES) => {
  const counters = makeCounters('keys');
  const log = handlerLog('keys', platform);
  const context = makeKeysContext({ ...platform, log }, defences, counters);
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('keys', { clock: platform.clock, log }, counters))
    .handler(async (event, lambda) => {
      context.dayKeys.dropPast(platform.clock.now());
      await context.known.refresh();
      return eachRecord(event, lambda, log, (record) => handleMessage(context, record.body));
    });
};
