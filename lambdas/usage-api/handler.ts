import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import type { Desk } from './desk.ts';
import { downloadUsage } from './download.ts';
import { Premises } from './premises.ts';
import { PriceZones } from './price-zones.ts';
import { Prices } from './prices.ts';
import { privately } from './privately.ts';
import { showPeaks } from './show-peaks.ts';
import { listPoints } from './show-points.ts';
import { showSimilar } from './show-similar.ts';
import { showToday } from './show-today.ts';
import { showUsage } from './show-usage.ts';

const USE_CASES: UseCases<'usage-api', Desk> = { listPoints, showToday, showUsage, showPeaks, showSimilar, downloadUsage };

/** What customers see of their own usage. @source X.1332 8.3, 9.2, 10.2 (own data only) */
export function makeUsageApi(platform: Platform, defences: Defences): ApiHandler {
  return apiHandler('usage-api', platform, (logged) => {
    const desk: Desk = {
      ...logged,
      premises: new Premises(logged, defences),
      prices: new Prices(logged),
      priceZones: new PriceZones(logged),
    };
    return async (event) => privately(event, await answerCall(desk, event, USE_CASES));
  });
}
