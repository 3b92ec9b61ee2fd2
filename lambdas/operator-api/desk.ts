import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ROUTES } from '../../topology/routes.ts';
import { type Answer, answerProblem, answerWith, problemOfError, wordsOfError } from '../http/answers.ts';
import { type Call, readCall } from '../http/call.ts';
import { codeOf } from '../middleware/each-record.ts';
import { listAreas, listFeedKeys, showAreaStatus } from './areas.ts';
import { showForecast, showTrend } from './forecast.ts';
import { readArea, readPartition } from './items.ts';

type OperatorRoute = Extract<(typeof ROUTES)[number], { readonly function: 'operator-api' }>['name'];
type UseCases = { readonly [N in OperatorRoute]: (platform: Platform, call: Call<N>) => Promise<Answer> };

const USE_CASES: UseCases = { listAreas, readPartition, readArea, showForecast, showTrend, showAreaStatus, listFeedKeys };

/** Answers one request of the operator's energy management system. */
export async function answerRequest(platform: Platform, event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  const { requestId } = event.requestContext;
  const call = readCall(event);
  if ('refused' in call) {
    platform.log.warn('request refused', { reason: call.refused, requestId });
    return answerProblem(call.refused, requestId, { faults: call.faults });
  }
  try {
    const useCase = USE_CASES[call.name as OperatorRoute] as (platform: Platform, call: Call<OperatorRoute>) => Promise<Answer>;
    return answerWith(await useCase(platform, call as Call<OperatorRoute>));
  } catch (error) {
    const problem = problemOfError(error);
    const fields = { code: codeOf(error), reason: call.name, requestId };
    if (problem === 'internal') platform.log.error('request failed', fields);
    else platform.log.warn('request refused', fields);
    return answerProblem(problem, requestId, wordsOfError(problem, error));
  }
}
