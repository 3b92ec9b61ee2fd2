import { type ErrorCode, JoulekeepError } from '../../events/errors.ts';
import { type KmsErrorCode, kmsError } from '../kms/kms-errors.ts';

/** Services whose errors are turned into ours here. */
export type AwsService = 'KMS' | 'SQS' | 'S3' | 'BUS' | 'IOT';

/** What every service throws at times, and what passes by itself. */
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|ConditionalRequestConflict/;
const DENIED = /AccessDenied|Unauthorized|NotAuthorized|Forbidden/;

/**
 * The error of a service as one of ours: `ERR_<service>_THROTTLED` and `ERR_<service>_UNAVAILABLE` are worth a retry,
 * `ERR_<service>_ACCESS_DENIED` and `ERR_<service>_REFUSED` are not. The message names the error and quotes nothing.
 */
export function serviceError(service: AwsService, error: unknown): JoulekeepError {
  if (error instanceof JoulekeepError) return error;
  const name = nameOf(error);
  const [outcome, retryable] = outcomeOf(name, statusOf(error));
  return new JoulekeepError(`ERR_${service}_${outcome}` as ErrorCode, `${service}: ${name}`, { retryable, cause: error });
}

const KMS_CODES: Readonly<Record<string, KmsErrorCode>> = {
  NotFoundException: 'ERR_KMS_NOT_FOUND',
  AccessDeniedException: 'ERR_KMS_ACCESS_DENIED',
  DisabledException: 'ERR_KMS_DISABLED',
  KMSInvalidStateException: 'ERR_KMS_INVALID_STATE',
  InvalidKeyUsageException: 'ERR_KMS_INVALID_KEY_USAGE',
  InvalidCiphertextException: 'ERR_KMS_INVALID_CIPHERTEXT',
  IncorrectKeyException: 'ERR_KMS_INCORRECT_KEY',
  AlreadyExistsException: 'ERR_KMS_ALREADY_EXISTS',
  ValidationException: 'ERR_KMS_VALIDATION',
};

/** The same for the key service, whose codes the port names. */
export function kmsServiceError(error: unknown): JoulekeepError {
  if (error instanceof JoulekeepError) return error;
  const name = nameOf(error);
  return Object.hasOwn(KMS_CODES, name) ? kmsError(KMS_CODES[name]!, error) : serviceError('KMS', error);
}

/** Whether a service said this; the SDK's class is not asked, because emulators answer with bare names. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(nameOf(error));
}

function outcomeOf(name: string, status: number | undefined): [string, boolean] {
  if (THROTTLED.test(name) || status === 429) return ['THROTTLED', true];
  if (DENIED.test(name) || status === 403) return ['ACCESS_DENIED', false];
  // Without a status nobody answered.
  if (status === undefined || status >= 500) return ['UNAVAILABLE', true];
  return ['REFUSED', false];
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata;
  return metadata?.httpStatusCode;
}
