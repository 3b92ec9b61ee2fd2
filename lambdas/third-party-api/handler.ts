import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Doorsteps } from '../http/deployed-doors.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { ThirdPartyApi } from './api.ts';

/** What third parties pull, and where they want to be told. @param doors asked for when they are open @source X.1332 9.3 */
export function makeThirdPartyApi(
  platform: Platform,
  defences: Defences,
  doors: () => Doorsteps,
): MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const log = handlerLog('third-party-api', platform);
  const counters = makeCounters('third-party-api');
  const api = new ThirdPartyApi({ ...platform, log }, defences, doors);
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed('third-party-api', { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      const answer = await api.answer(event);
      counters.add(answer.statusCode < 400 ? 'Answered' : 'Refused');
      return answer;
    });
}
