import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { type Doorsteps, deployedDoors } from '../http/deployed-doors.ts';
import { ThirdPartyApi } from './api.ts';

/** What third parties pull, and where they want to be told. @param doors asked for when they are open @source X.1332 9.3 */
export function makeThirdPartyApi(platform: Platform, defences: Defences, doors: () => Doorsteps = deployedDoors): ApiHandler {
  return apiHandler('third-party-api', platform, (logged) => {
    const api = new ThirdPartyApi(logged, defences, doors);
    return (event) => api.answer(event);
  });
}
