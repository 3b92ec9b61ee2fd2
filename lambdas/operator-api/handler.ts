import type { Platform } from '../../platform/ports/platform.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { listAreas, listFeedKeys, showAreaStatus } from './areas.ts';
import { showForecast, showTrend } from './forecast.ts';
import { readArea, readPartition } from './items.ts';
import { showLogCheckpoint } from './log-checkpoint.ts';

const USE_CASES: UseCases<'operator-api'> = {
  ...{ listAreas, readPartition, readArea, showForecast, showTrend, showAreaStatus, listFeedKeys },
  showLogCheckpoint,
};

/** What the grid operator asks for over its door: areas, their feeds, how late they are. @source X.1332 9.4, 10.4 */
export function makeOperatorApi(platform: Platform): ApiHandler {
  return apiHandler('operator-api', platform, (logged) => (event) => answerCall(logged, event, USE_CASES));
}
