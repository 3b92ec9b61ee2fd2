import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { releaseTables } from './make-tables.ts';

/** Daily: tables for research and the public when a quarter is closed. @source X.1332 9.3, 10.3 */
export const makeDeidentify = (platform: Platform, defences: Defences) => {
  const counters = makeCounters('deidentify');
  const log = handlerLog('deidentify', platform);
  return middy<ScheduledEvent, void>()
    .use(observed('deidentify', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const released = await releaseTables(platform, defences);
      counters.add('AreasReleased', released?.areas ?? 0);
      counters.add('AreasSuppressed', released?.suppressed ?? 0);
    });
};
