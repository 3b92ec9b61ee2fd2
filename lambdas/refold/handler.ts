import middy, { type MiddyfiedHandler } from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { makeAnew } from '../project/make-anew.ts';

/** Of the fifteen minutes that a run has at most. */
const RUN_MS = 12 * 60_000;

/** Every quarter of an hour: read models follow a restore of the store that people put back themselves. @source X.1332 10.1 (stored data intact) */
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
