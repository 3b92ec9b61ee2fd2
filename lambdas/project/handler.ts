import middy, { type MiddyfiedHandler } from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { Projector } from './projector.ts';

/** Commits into read models. @source X.1332 7: usage information for customers, sums for the operator */
export function makeProject(platform: Platform, _defences: Defences): MiddyfiedHandler<DynamoDBStreamEvent, DynamoDBBatchResponse> {
  const log = handlerLog('project', platform);
  const projector = new Projector({ ...platform, log });
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(observed('project', { clock: platform.clock, log }, makeCounters('project')))
    .handler((event) => projector.take(event));
}
