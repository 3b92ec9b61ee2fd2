import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { answerRequest } from './desk.ts';

/** What the grid operator asks for over its door: areas, their feeds, how late they are. @source X.1332 9.4, 10.4 */
export function makeOperatorApi(platform: Platform): MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const log = handlerLog('operator-api', platform);
  const counters = makeCounters('operator-api');
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed('operator-api', { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      const answer = await answerRequest({ ...platform, log }, event);
      counters.add(answer.statusCode < 300 ? 'Answered' : 'Refused');
      return answer;
    });
}
