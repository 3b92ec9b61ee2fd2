import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';

export type ApiHandler = MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult>;

/** A function that answers requests, counted by how it went. @param answering made once, with the function's own log */
export function apiHandler(
  name: string,
  platform: Platform,
  answering: (platform: Platform) => (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>,
): ApiHandler {
  const log = handlerLog(name, platform);
  const counters = makeCounters(name);
  const answerTo = answering({ ...platform, log });
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed(name, { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      const answer = await answerTo(event);
      counters.add(answer.statusCode < 400 ? 'Answered' : 'Refused');
      return answer;
    });
}
