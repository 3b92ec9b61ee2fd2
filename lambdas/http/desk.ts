import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { codeOf } from '../../events/errors.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ROUTES, RouteName } from '../../topology/routes.ts';
import { type Answer, answerProblem, answerWith, problemOfError, wordsOfError } from './answers.ts';
import { type Call, readCall } from './call.ts';

type RouteOf<FunctionName extends string> = Extract<(typeof ROUTES)[number], { readonly function: FunctionName }>['name'];

/** What answers the routes of a function: a use case for each, none missing. `Desk` is what they work with. */
export type UseCases<FunctionName extends string, Desk = Platform> = {
  readonly [Name in RouteOf<FunctionName>]: (desk: Desk, call: Call<Name>) => Promise<Answer>;
};

/** Answers one request. What is refused is told as a problem; why, beyond what the caller may know, goes to the log. */
export async function answerCall<Desk extends Pick<Platform, 'log'>>(
  desk: Desk,
  event: APIGatewayProxyEvent,
  useCases: Readonly<Record<string, (desk: Desk, call: never) => Promise<Answer>>>,
): Promise<APIGatewayProxyResult> {
  const { requestId } = event.requestContext;
  const call = readCall(event);
  const refused = 'refused' in call ? call : Object.hasOwn(useCases, call.name) ? undefined : ({ refused: 'not-found' } as const);
  if (refused !== undefined) {
    desk.log.warn('request refused', { reason: refused.refused, requestId });
    return answerProblem(refused.refused, requestId, { faults: 'faults' in refused ? refused.faults : undefined });
  }
  const { name } = call as Call<RouteName>;
  try {
    return answerWith(await useCases[name]!(desk, call as never));
  } catch (error) {
    const problem = problemOfError(error);
    const fields = { code: codeOf(error), reason: name, requestId };
    if (problem === 'internal') desk.log.error('request failed', fields);
    else desk.log.warn('request refused', fields);
    return answerProblem(problem, requestId, wordsOfError(problem, error));
  }
}
