import { type ErrorCode, JoulekeepError } from '../../events/errors.ts';

/** Errors of the key service; in the comment, the name AWS KMS gives them. */
const MESSAGES = {
  /** NotFoundException */
  ERR_KMS_NOT_FOUND: 'there is no such key',
  /** AccessDeniedException */
  ERR_KMS_ACCESS_DENIED: 'the key policy does not allow this',
  /** DisabledException */
  ERR_KMS_DISABLED: 'the key is disabled',
  /** KMSInvalidStateException */
  ERR_KMS_INVALID_STATE: 'the key is pending deletion, or is not',
  /** InvalidKeyUsageException */
  ERR_KMS_INVALID_KEY_USAGE: 'the key is not for this operation',
  /** InvalidCiphertextException */
  ERR_KMS_INVALID_CIPHERTEXT: 'the ciphertext does not open',
  /** IncorrectKeyException */
  ERR_KMS_INCORRECT_KEY: 'the ciphertext was made with another key',
  /** AlreadyExistsException */
  ERR_KMS_ALREADY_EXISTS: 'the key is there already',
  /** ValidationException */
  ERR_KMS_VALIDATION: 'the request is malformed',
} as const satisfies Record<ErrorCode, string>;

export type KmsErrorCode = keyof typeof MESSAGES;

export function kmsError(code: KmsErrorCode, cause?: unknown): JoulekeepError {
  return new JoulekeepError(code, MESSAGES[code], { cause });
}
