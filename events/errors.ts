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
