import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { answerRequest } from './desk.ts';
import { Published } from './published.ts';

/** Signed prices and demand-response events for customers' devices, and the read side of a VTN. @source X.1332 8.3, 9.2 */
export function makePriceApi(platform: Platform): MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const log = handlerLog('price-api', platform);
  const counters = makeCounters('price-api');
  const published = new Published(platform);
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed('price-api', { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      const answer = await answerRequest({ platform: { ...platform, log }, published }, event);
      counters.add(answer.statusCode < 300 ? 'Answered' : 'Refused');
      return answer;
    });
}
