import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { type Doorsteps, deployedDoors } from '../http/deployed-doors.ts';
import { AuthorizationServer } from './server.ts';

/** Authorization of third parties by customers: OAuth 2 at two doors. @param doors asked for when they are open @source X.1332 9.3 */
export function makeAuthorization(platform: Platform, defences: Defences, doors: () => Doorsteps = deployedDoors): ApiHandler {
  return apiHandler('authorization', platform, (logged) => {
    const server = new AuthorizationServer(logged, defences, doors);
    return (event) => server.answer(event);
  });
}
