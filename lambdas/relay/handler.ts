import middy, { type MiddyfiedHandler } from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { RelayWorker } from './relay-worker.ts';

/** Facts into integration events, per audience what it may see. @source X.1332 7, 9.2 to 9.4 */
export function makeRelay(platform: Platform, _defences: Defences): MiddyfiedHandler<DynamoDBStreamEvent, DynamoDBBatchResponse> {
  const log = handlerLog('relay', platform);
  const worker = new RelayWorker({ ...platform, log });
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(observed('relay', { clock: platform.clock, log }, makeCounters('relay')))
    .handler((event) => worker.take(event));
}
