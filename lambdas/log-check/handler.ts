import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { checkRun } from './check-run.ts';

/** Findings of a run that are named; the others are counted. */
const NAMED = 100;

/** Hourly: the store is held against the log over all commits. It has no key, opens nothing and repairs nothing. @source X.1332 10.1 (stored data intact) */
export const makeLogCheck = (platform: Platform, { logCheck }: Pick<Defences, 'logCheck'>) => {
  const counters = makeCounters('log-check');
  const log = handlerLog('log-check', platform);
  return middy<ScheduledEvent, void>()
    .use(observed('log-check', { clock: platform.clock, log }, counters))
    .handler(async () => {
      if (!logCheck) return;
      const { findings, checked, unchecked } = await checkRun(platform);
      for (const { stream = 'log', says } of findings.slice(0, NAMED))
        log.error('not as it was logged', { code: 'LOG_CONTRADICTED', stream, reason: says });
      counters.add('LogContradicted', findings.length);
      counters.add('EntriesChecked', checked);
      counters.add('EntriesUnchecked', unchecked);
    });
};
