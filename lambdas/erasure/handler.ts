import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { SignIns } from '../../platform/ports/identity.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { isLate, runErasures, stuckOf } from './run-erasures.ts';

/** Hourly: brings every erasure as far as it can go. @source X.1332 10.3 */
export const makeErasure = (platform: Platform, defences: Defences, signIns?: SignIns) => {
  const counters = makeCounters('erasure');
  const log = handlerLog('erasure', platform);
  const parts = { platform, defences, ...(signIns === undefined ? {} : { signIns }) };
  return middy<ScheduledEvent, void>()
    .use(observed('erasure', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const run = await runErasures(parts);
      for (const { account, waitsFor } of run.progress.filter(isLate))
        log.error('an erasure is late', { code: 'ERASURE_STUCK', stream: `erasure/${account}`, reason: waitsFor });
      counters.add('ErasuresOpen', run.progress.filter(({ status }) => status !== 'complete').length);
      counters.add('ErasuresCompleted', run.progress.filter(({ status }) => status === 'complete').length);
      counters.add('ErasuresStuck', stuckOf(run));
    });
};
