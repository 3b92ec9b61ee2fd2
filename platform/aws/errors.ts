import { JoulekeepError } from '../../events/errors.ts';

/** Fields that errors of the SDK may have. */
interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $retryable?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TransactionConflictException',
  'ReplicatedWriteConflictException',
]);
const DENIED = new Set(['AccessDeniedException', 'UnrecognizedClientException', 'ExpiredTokenException', 'InvalidSignatureException']);
const MISSING = new Set(['ResourceNotFoundException', 'TableNotFoundException', 'IndexNotFoundException']);
/** Names that the SDK and Node give a request of which nobody knows whether it arrived. */
const UNANSWERED = new Set(['TimeoutError', 'AbortError', 'NetworkingError', 'RequestTimeout', 'RequestTimeoutException']);
const BROKEN = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ERR_STREAM)/;

/**
 * What DynamoDB answered, in our words. ERR_STORE_THROTTLED and ERR_STORE_UNAVAILABLE are worth a retry; after the latter nobody
 * knows whether a write was made. ERR_STORE_ACCESS_DENIED, ERR_STORE_MISSING and ERR_STORE_REFUSED are not.
 */
export function dynamoError(error: unknown, table: string): JoulekeepError {
  if (error instanceof JoulekeepError) return error;
  const { name = '', code = '', $fault, $retryable, $metadata } = (error ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  const made = (what: 'THROTTLED' | 'UNAVAILABLE' | 'ACCESS_DENIED' | 'MISSING' | 'REFUSED', says: string) => {
    const retryable = what === 'THROTTLED' || what === 'UNAVAILABLE';
    return new JoulekeepError(`ERR_STORE_${what}`, `${table}: ${says}`, { retryable, cause: error });
  };
  if (THROTTLED.has(name)) return made('THROTTLED', 'more was asked of the table than it may give');
  if (DENIED.has(name)) return made('ACCESS_DENIED', 'the principal may not do this');
  if (MISSING.has(name)) return made('MISSING', 'there is no such table, or no such index of it');
  if (UNANSWERED.has(name) || BROKEN.test(code) || $fault === 'server' || status >= 500 || $retryable !== undefined)
    return made('UNAVAILABLE', 'the request was not answered');
  return made('REFUSED', `the request was refused (${name === '' ? 'unknown fault' : name})`);
}
