import { createPublicKey, type KeyObject } from 'node:crypto';
import { kmsError } from './kms-errors.ts';

/**
 * The other side's key of an agreement: a point off the curve, at infinity or on another curve is refused before a private key
 * is touched. @param spki DER @throws ERR_KMS_VALIDATION
 */
export function peerKey(spki: Buffer): KeyObject {
  const key = readKey(spki);
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw kmsError('ERR_KMS_VALIDATION');
  return key;
}

function readKey(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch (cause) {
    throw kmsError('ERR_KMS_VALIDATION', cause);
  }
}
