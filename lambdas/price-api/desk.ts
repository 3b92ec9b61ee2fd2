import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ROUTES } from '../../topology/routes.ts';
import { answerProblem, answerWith, problemOfError } from '../http/answers.ts';
import { type Call, readCall } from '../http/call.ts';
import { codeOf } from '../middleware/each-record.ts';
import { showDemandResponse, showPrices } from './bundles.ts';
import { searchAllEvents, searchAllPrograms, searchEventsByID, searchProgramByProgramId } from './open-adr.ts';
import type { Published } from './published.ts';

export interface Desk {
  readonly platform: Platform;
  readonly published: Published;
}

/** What anybody may keep for so long: it is the same for all, and signed or public. */
export interface Answered {
  readonly body: unknown;
  readonly cachedS: number;
}

type PriceRoute = Extract<(typeof ROUTES)[number], { readonly function: 'price-api' }>['name'];
type UseCases = { readonly [N in PriceRoute]: (desk: Desk, call: Call<N>) => Promise<Answered> };

const USE_CASES: UseCases = {
  showPrices,
  showDemandResponse,
  searchAllPrograms,
  searchProgramByProgramId,
  searchAllEvents,
  searchEventsByID,
};

/** Answers one request; nobody is asked who he is. */
export async function answerRequest(desk: Desk, event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  const { requestId } = event.requestContext;
  const { log } = desk.platform;
  const call = readCall(event);
  if ('refused' in call) {
    log.warn('request refused', { reason: call.refused, requestId });
    return answerProblem(call.refused, requestId, { faults: call.faults });
  }
  try {
    const useCase = USE_CASES[call.name as PriceRoute] as (desk: Desk, call: Call<PriceRoute>) => Promise<Answered>;
    const { body, cachedS } = await useCase(desk, call as Call<PriceRoute>);
    const answer = answerWith({ body });
    return { ...answer, headers: { ...answer.headers, 'cache-control': `public, max-age=${Math.max(0, cachedS)}` } };
  } catch (error) {
    const problem = problemOfError(error);
    const fields = { code: codeOf(error), reason: call.name, requestId };
    if (problem === 'internal') log.error('request failed', fields);
    else log.warn('request refused', fields);
    return answerProblem(problem, requestId);
  }
}
