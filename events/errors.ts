/**
 * The one error type of the house: a stable code, whether trying again can help, and the cause.
 * Expected outcomes are events; this is for broken contracts and for faults of the outside world.
 */
export class JoulekeepError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'JoulekeepError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

export type ErrorCode = `ERR_${Uppercase<string>}`;

/**
 * The stable code of an error, never its message: messages may quote what was sent to us. Refusals of protocol/, which knows no other
 * room, carry theirs under a name of their own.
 */
export function codeOf(error: unknown): string {
  if (error instanceof JoulekeepError) return error.code;
  const isRefusal = error instanceof Error && error.name === 'ProtocolRefusal' && 'code' in error;
  return isRefusal ? String(error.code) : 'ERR_UNEXPECTED';
}

const OUTAGE = /_(UNAVAILABLE|THROTTLED|UNRECORDED)$/;

/** Whether a service of the outside world did not answer at all: no fault of what was asked of it. */
export function isOutage(error: unknown): boolean {
  return error instanceof JoulekeepError && error.retryable && (OUTAGE.test(error.code) || isOutage(error.cause));
}
