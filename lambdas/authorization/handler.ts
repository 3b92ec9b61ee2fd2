import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { AuthorizationServer, type ServerOptions } from './server.ts';

/** Authorization of third parties by customers: OAuth 2 at two doors. @source X.1332 9.3 */
export function makeAuthorization(platform: Platform, defences: Defences, options: ServerOptions = {}): ApiHandler {
  return apiHandler('authorization', platform, (logged) => {
    const server = new AuthorizationServer(logged, defences, options);
    return (event) => server.answer(event);
  });
}
