import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ROUTES } from '../../topology/routes.ts';
import { type Answer, answerProblem, answerWith, problemOfError, wordsOfError } from '../http/answers.ts';
import { type Call, readCall } from '../http/call.ts';
import { codeOf } from '../middleware/each-record.ts';
import { approveEdit, editDay, finalizeDay, rejectEdit, undoEdit } from './edit-day.ts';
import { assignException, listExceptions, showException } from './exceptions.ts';
import { previewEdit } from './preview.ts';
import { showDay } from './show-day.ts';

type EditRoute = Extract<(typeof ROUTES)[number], { readonly function: 'edit' }>['name'];
type UseCases = { readonly [N in EditRoute]: (platform: Platform, call: Call<N>) => Promise<Answer> };

const USE_CASES: UseCases = {
  listExceptions,
  showException,
  assignException,
  showDay,
  previewEdit,
  editDay,
  finalizeDay,
  undoEdit,
  approveEdit,
  rejectEdit,
};

/** Answers one request. What is refused is told as a problem; why, beyond what the caller may know, goes to the log. */
export async function answerRequest(platform: Platform, event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  const { requestId } = event.requestContext;
  const call = readCall(event);
  if ('refused' in call) {
    platform.log.warn('request refused', { reason: call.refused, requestId });
    return answerProblem(call.refused, requestId, { faults: call.faults });
  }
  try {
    const useCase = USE_CASES[call.name as EditRoute] as (platform: Platform, call: Call<EditRoute>) => Promise<Answer>;
    return answerWith(await useCase(platform, call as Call<EditRoute>));
  } catch (error) {
    const problem = problemOfError(error);
    const fields = { code: codeOf(error), reason: call.name, requestId };
    if (problem === 'internal') platform.log.error('request failed', fields);
    else platform.log.warn('request refused', fields);
    return answerProblem(problem, requestId, wordsOfError(problem, error));
  }
}
