import * as z from 'zod';

/** Causes of an answer that is not a success: status and title of each. @source RFC 9457 */
export const PROBLEMS = {
  unauthenticated: [401, 'Not authenticated'],
  forbidden: [403, 'Not allowed'],
  'sign-in-too-old': [403, 'This takes a sign-in of the last minutes'],
  'not-found': [404, 'Not found'],
  'request-invalid': [400, 'The request is not what the route expects'],
  'body-too-large': [413, 'The body is too large'],
  'media-type': [415, 'The body is of another media type than the route takes'],
  'precondition-required': [428, 'The request names no version of what it changes'],
  'changed-meanwhile': [412, 'It was changed since it was read'],
  'key-reused': [422, 'The idempotency key belongs to another request'],
  'edit-invalid': [422, 'The day cannot take this edit'],
  'method-unfit': [422, 'The method does not apply to these slots'],
  'slot-billable': [409, 'A billable measurement stands there'],
  'nothing-to-accept': [409, 'There is no measured value to accept'],
  'second-person': [409, 'Somebody else than the proposer has to decide'],
  'token-invalid': [401, 'The access token is not one that is in force'],
  'certificate-mismatch': [401, 'The access token belongs to another certificate'],
  'erasure-begun': [409, 'The erasure has begun, and can not be taken back'],
  'consent-ended': [409, 'The consent has ended, and another is asked for'],
  'question-changed': [409, 'The question is no longer the one that was shown'],
  'consent-missing': [403, 'No customer allows this recipient that'],
  'consent-expired': [403, 'The consent has expired'],
  'consent-revoked': [403, 'The customer took the consent back'],
  'resolution-exceeds-purpose': [403, 'Finer than the purpose needs'],
  'resolution-exceeds-consent': [403, 'Finer than the customer allows'],
  'window-exceeds-consent': [403, 'Outside of the time that the customer allows'],
  'data-class-not-granted': [403, 'A class of data that the customer does not allow'],
  'premises-not-granted': [403, 'Premises that the customer does not allow'],
  'sealing-key-missing': [409, 'No public key is registered that a file could be sealed to'],
  'not-acceptable': [406, 'None of the media types that are accepted'],
  'too-many-requests': [429, 'Too many requests'],
  unavailable: [503, 'Not available at the moment'],
  internal: [500, 'Something went wrong here'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type ProblemName = keyof typeof PROBLEMS;

/** Fields of a request that are wrong, as a path and what is expected there. What was sent is not repeated. */
const Fault = z.object({ field: z.string(), message: z.string() });

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  requestId: z.string(),
  /** What exactly stands in the way, where that is the caller's to know. */
  detail: z.string().optional(),
  faults: z.array(Fault).optional(),
});
export type Problem = z.infer<typeof Problem>;
export type ProblemFault = z.infer<typeof Fault>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Besides the cause, what the caller may know of it. */
export interface ProblemWords {
  readonly detail?: string | undefined;
  readonly faults?: readonly ProblemFault[] | undefined;
}

/** @param requestId of the answer, for whoever looks for the reason in the log */
export function problemOf(name: ProblemName, requestId: string, { detail, faults }: ProblemWords = {}): Problem {
  const [status, title] = PROBLEMS[name];
  return {
    type: `urn:joulekeep:problem:${name}`,
    title,
    status,
    requestId,
    ...(detail && { detail }),
    ...(faults && { faults: [...faults] }),
  };
}
