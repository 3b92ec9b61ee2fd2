import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { PriceZoneState } from '../../domain/price/price-zone.ts';
import { codeOf } from '../../events/errors.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { WarmStreams } from '../shared/streams.ts';
import { signAhead } from './sign-ahead.ts';

const ZONES_KEPT = 10_000;

/** Every five minutes: each zone signed ahead. A zone that fails leaves the others alone. @source X.1332 8.3, 9.2 */
export const makePrices = (platform: Platform) => {
  const counters = makeCounters('prices');
  const log = handlerLog('prices', platform);
  const warm = new WarmStreams<PriceZoneState>(ZONES_KEPT);
  return middy<ScheduledEvent, void>()
    .use(observed('prices', { clock: platform.clock, log }, counters))
    .handler(async () => {
      for await (const stream of platform.events.streams('price/')) {
        try {
          const { days, prices, refused, unpriced } = await signAhead(platform, stream.slice('price/'.length), warm);
          counters.add('DaysSigned', days);
          counters.add('PricesSigned', prices);
          counters.add('PricesRefused', refused);
          counters.add('DaysUnpriced', unpriced);
          if (refused > 0) log.error('price outside its band', { code: 'PRICE_OUTSIDE_BAND', stream });
        } catch (error) {
          counters.add('ZonesFailed');
          log.error('zone not signed ahead', { code: codeOf(error), stream });
        }
      }
    });
};
