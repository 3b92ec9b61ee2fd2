import middy, { type MiddyfiedHandler } from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent, ScheduledEvent } from 'aws-lambda';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { composeQuarter } from './compose.ts';
import { isBeingMade } from './make-anew.ts';
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
