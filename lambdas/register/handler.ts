import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { runReseals } from './reseal.ts';

/** Days of corrected tenancies, sealed again under their right subject. Runs as the principal that may destroy rows of subjects. */
export const makeReseals = (platform: Platform) => {
  const counters = makeCounters('reseal');
  const log = handlerLog('reseal', platform);
  return middy<ScheduledEvent, void>()
    .use(observed('reseal', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const reports = [...(await runReseals(platform)).values()];
      counters.add(
        'DaysResealed',
        reports.reduce((sum, { sealed }) => sum + sealed, 0),
      );
      counters.add(
        'SubjectKeysDestroyed',
        reports.reduce((sum, { destroyed }) => sum + destroyed.length, 0),
      );
    });
};
