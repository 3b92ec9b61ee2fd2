import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { answerCall } from '../http/desk.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { listBillingItems, replayBillingItems, showBillingTotals } from './feed.ts';

/** What the utility's billing system asks for over its door. @source X.1332 7, 9.2 */
export function makeBillingApi(platform: Platform): MiddyfiedHandler<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const log = handlerLog('billing-api', platform);
  const counters = makeCounters('billing-api');
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed('billing-api', { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      const answer = await answerCall({ ...platform, log }, event, { listBillingItems, showBillingTotals, replayBillingItems });
      counters.add(answer.statusCode < 300 ? 'Answered' : 'Refused');
      return answer;
    });
}
