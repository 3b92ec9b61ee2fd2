import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { runForecasts } from './run-forecasts.ts';

/** Hourly: the forecasts that are due. @param zone IANA: the wall clock of the areas @source X.1332 7, 8.2 */
export const makeForecast = (platform: Platform, zone: string) => {
  const counters = makeCounters('forecast');
  const log = handlerLog('forecast', platform);
  return middy<ScheduledEvent, void>()
    .use(observed('forecast', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const { fitted, issued, without } = await runForecasts(platform, zone);
      counters.add('ForecastModelsFitted', fitted);
      counters.add('ForecastsIssued', issued);
      counters.add('ForecastsWithoutModel', without);
    });
};
