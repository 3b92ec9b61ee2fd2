import type { APIGatewayProxyResult } from 'aws-lambda';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemName, type ProblemWords, problemOf } from '../../api/problems.ts';
import { JoulekeepError } from '../../events/index.ts';

/** What a use case answers: JSON, and the version of what it is about. */
export interface Answer {
  readonly body: unknown;
  readonly etag?: string;
  /** Seconds for which anybody may keep it, where it is the same for all: signed, or public. */
  readonly cachedS?: number;
  /** Media type of a body that is a text already; else it is JSON. */
  readonly media?: string;
}

/** Codes that are the caller's to know. All others are ours. */
const PROBLEM_OF_CODE: Readonly<Record<string, ProblemName>> = {
  ERR_NOT_OWN: 'not-found',
  ERR_BILL_UNKNOWN: 'not-found',
  ERR_PROOF_IMPOSSIBLE: 'not-found',
  ERR_CONSENT_UNKNOWN: 'not-found',
  ERR_QUESTION_OVER: 'not-found',
  ERR_QUESTION_CHANGED: 'question-changed',
  ERR_CONSENT_ENDED: 'consent-ended',
  ERR_ERASURE_BEGUN: 'erasure-begun',
  ERR_SIGN_IN_STALE: 'sign-in-too-old',
  ERR_CONSENT_WIDENED: 'request-invalid',
  ERR_WINDOW_LONG: 'request-invalid',
  ERR_DAY_UNKNOWN: 'not-found',
  ERR_METER_UNKNOWN: 'not-found',
  ERR_DEVICE_UNKNOWN: 'not-found',
  ERR_ROW_UNKNOWN: 'not-found',
  ERR_EDIT_UNKNOWN: 'not-found',
  ERR_AREA_UNKNOWN: 'not-found',
  ERR_ZONE_UNKNOWN: 'not-found',
  ERR_PROGRAM_UNKNOWN: 'not-found',
  ERR_EVENT_ID_UNKNOWN: 'not-found',
  ERR_SIGN_IN_REFUSED: 'unauthenticated',
  ERR_CURSOR_REFUSED: 'request-invalid',
  ERR_FAMILY_UNKNOWN: 'request-invalid',
  ERR_VERIFICATION_UNASKED: 'request-invalid',
  ERR_QUEUE_WINDOW: 'request-invalid',
  ERR_RECIPIENT_INVALID: 'request-invalid',
  ERR_BILL_CHANGED: 'changed-meanwhile',
  ERR_DAY_CHANGED: 'changed-meanwhile',
  ERR_KEY_REUSED: 'key-reused',
  ERR_DAY_LASTS: 'edit-invalid',
  ERR_EDIT_INVALID: 'edit-invalid',
  ERR_METHOD_UNFIT: 'method-unfit',
  ERR_SLOT_BILLABLE: 'slot-billable',
  ERR_NOTHING_TO_ACCEPT: 'nothing-to-accept',
  ERR_SECOND_PERSON: 'second-person',
  ERR_OTHERS_EDIT: 'forbidden',
  ERR_ACCOUNT_CLOSED: 'forbidden',
  ERR_TOTALS_UNKNOWN: 'not-found',
  ERR_PREMISES_UNKNOWN: 'not-found',
  ERR_DATES_REFUSED: 'request-invalid',
  ERR_DELIVERY_UNSET: 'not-found',
  ERR_REPLAY_AHEAD: 'request-invalid',
};

export function problemOfError(error: unknown): ProblemName {
  if (!(error instanceof JoulekeepError)) return 'internal';
  const known = Object.hasOwn(PROBLEM_OF_CODE, error.code) ? PROBLEM_OF_CODE[error.code] : undefined;
  return known ?? (error.retryable ? 'unavailable' : 'internal');
}

/** What the caller may know beyond the cause: rules of the day that stand in the way, and nothing of what is not there. */
export function wordsOfError(problem: ProblemName, error: unknown): ProblemWords {
  const told = [409, 412, 422].includes(PROBLEMS[problem][0]) || problem === 'request-invalid';
  return told && error instanceof Error ? { detail: error.message } : {};
}

export function answerWith({ body, etag, cachedS, media }: Answer): APIGatewayProxyResult {
  const kept = cachedS === undefined ? {} : { 'cache-control': `public, max-age=${Math.max(0, cachedS)}` };
  return {
    statusCode: 200,
    headers: { 'content-type': media ?? 'application/json', ...(etag === undefined ? {} : { etag }), ...kept },
    body: media === undefined ? JSON.stringify(body) : String(body),
  };
}

export function answerProblem(name: ProblemName, requestId: string, words: ProblemWords = {}): APIGatewayProxyResult {
  return {
    statusCode: PROBLEMS[name][0],
    headers: { 'content-type': PROBLEM_MEDIA_TYPE },
    body: JSON.stringify(problemOf(name, requestId, words)),
  };
}
