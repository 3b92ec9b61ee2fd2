import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { closeDays } from './close-days.ts';
import { Closer } from './closer.ts';

/** Hourly: closes the local days whose 07:00 has come. @source X.1332 8.1, 10.1 */
export const makeCloseDay = (platform: Platform, defences: Defences = ALL_DEFENCES) => {
  const counters = makeCounters('close-day');
  const log = handlerLog('close-day', platform);
  const closer = new Closer(platform, defences);
  return middy<ScheduledEvent, void>()
    .use(observed('close-day', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const { days, finalized, restated, held, prolonged, silent, failed } = await closeDays(platform, defences, closer);
      if (held > 0) log.warn('days held', { code: 'DAYS_HELD', count: held });
      if (prolonged > 0) log.warn('meters estimated for days', { code: 'PROLONGED_ESTIMATION', count: prolonged });
      if (silent > 0) log.warn('meters fell silent', { code: 'METERS_SILENT', count: silent });
      if (failed > 0) log.error('segments not closed', { code: 'CLOSING_FAILED', count: failed });
      counters.add('DaysClosed', days);
      counters.add('DaysFinalized', finalized);
      counters.add('DaysRestated', restated);
      counters.add('DaysHeld', held);
      counters.add('MetersProlonged', prolonged);
      counters.add('MetersFellSilent', silent);
    });
};
