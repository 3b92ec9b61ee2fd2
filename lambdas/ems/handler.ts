import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import type { ForecastOf } from './doubts.ts';
import { Publisher } from './publish.ts';

/** Every quarter of an hour: what is due to the operator. @param forecastOf what was forecast @source X.1332 7, 9.4 */
export const makeEms = (platform: Platform, defences: Defences, forecastOf: ForecastOf) => {
  const counters = makeCounters('ems');
  const log = handlerLog('ems', platform);
  const publisher = new Publisher(platform, defences, forecastOf);
  return middy<ScheduledEvent, void>()
    .use(observed('ems', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const { demands, revisions, suppressed, doubts, forecasts, late } = await publisher.run();
      if (doubts > 0) log.warn('published demand is contradicted', { code: 'DEMAND_DOUBTED', count: doubts });
      counters.add('DemandsPublished', demands);
      counters.add('DemandsRevised', revisions);
      counters.add('DemandsSuppressed', suppressed);
      counters.add('DemandsDoubted', doubts);
      counters.add('ForecastsTold', forecasts);
      counters.add('AreasLate', late);
    });
};
