import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { RouteName } from '../../topology/routes.ts';
import { codeOf } from '../middleware/each-record.ts';
import { type Answer, answerProblem, answerWith, problemOfError, wordsOfError } from './answers.ts';
import { type Call, readCall } from './call.ts';

/** What answers the routes of one function. */
export type UseCases<N extends RouteName> = { readonly [Name in N]: (platform: Platform, call: Call<Name>) => Promise<Answer> };

/** Answers one request. What is refused is told as a problem; why, beyond what the caller may know, goes to the log. */
export async function answerCall<N extends RouteName>(
  platform: Platform,
  event: APIGatewayProxyEvent,
  useCases: UseCases<N>,
): Promise<APIGatewayProxyResult> {
  const { requestId } = event.requestContext;
  const call = readCall(event);
  const refused = 'refused' in call ? call : Object.hasOwn(useCases, call.name) ? undefined : ({ refused: 'not-found' } as const);
  if (refused !== undefined) {
    platform.log.warn('request refused', { reason: refused.refused, requestId });
    return answerProblem(refused.refused, requestId, { faults: 'faults' in refused ? refused.faults : undefined });
  }
  const { name } = call as unknown as Call<N>;
  try {
    return answerWith(await useCases[name](platform, call as unknown as Call<N>));
  } catch (error) {
    const problem = problemOfError(error);
    const fields = { code: codeOf(error), reason: name, requestId };
    if (problem === 'internal') platform.log.error('request failed', fields);
    else platform.log.warn('request refused', fields);
    return answerProblem(problem, requestId, wordsOfError(problem, error));
  }
}
