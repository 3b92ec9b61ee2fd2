import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { answerRequest } from './desk.ts';

/** What people do about meter days: the exceptions queue, days, edits. @source X.1332 10.1, 10.3 */
export function makeEdit(platform: Platform, _defences: Defences): MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const log = handlerLog('edit', platform);
  const counters = makeCounters('edit');
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed('edit', { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      const answer = await answerRequest({ ...platform, log }, event);
      counters.add(answer.statusCode < 300 ? 'Answered' : 'Refused');
      return answer;
    });
}
