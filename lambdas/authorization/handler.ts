import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { CustomerSignIn } from '../../platform/ports/customer-sign-in.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Doorsteps } from '../http/deployed-doors.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { AuthorizationServer } from './server.ts';

/** Authorization of third parties by customers: OAuth 2 at two doors. @param doors asked for when they are open @source X.1332 9.3 */
export function makeAuthorization(
  platform: Platform,
  defences: Defences,
  options: { readonly doors: () => Doorsteps; readonly signIn: CustomerSignIn },
): MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const log = handlerLog('authorization', platform);
  const counters = makeCounters('authorization');
  const server = new AuthorizationServer({ ...platform, log }, defences, options);
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed('authorization', { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      const answer = await server.answer(event);
      counters.add(answer.statusCode < 400 ? 'Answered' : 'Refused');
      return answer;
    });
}
