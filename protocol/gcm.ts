import { type CipherGCMTypes, createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { cborArray, cborBytes, cborText } from './cbor.ts';

export const TAG_BYTES = 16;
export const NONCE_BYTES = 12;

/** Node accepts a tag of 4 bytes unless it is told the length. */
const FULL_TAG = { authTagLength: TAG_BYTES } as const;

const ALGORITHM_OF_KEY_BYTES: Readonly<Record<number, CipherGCMTypes>> = { 16: 'aes-128-gcm', 24: 'aes-192-gcm', 32: 'aes-256-gcm' };

/**
 * AES-GCM with a tag of 16 bytes and nothing shorter.
 * @returns the plaintext, or undefined when the tag does not verify
 * @source NIST SP 800-38D
 */
export function openGcm(key: KeyObject, nonce: Buffer, aad: Buffer, ciphertext: Buffer, tag: Buffer): Buffer | undefined {
  if (nonce.length !== NONCE_BYTES || tag.length !== TAG_BYTES) return undefined;
  return openChecked(algorithmOf(key), key, nonce, aad, ciphertext, tag);
}

/** The same for callers that have counted the bytes already: the hot path. */
export function openChecked(
  algorithm: CipherGCMTypes,
  key: KeyObject,
  nonce: Buffer,
  aad: Buffer,
  ciphertext: Buffer,
  tag: Buffer,
): Buffer | undefined {
  const decipher = createDecipheriv(algorithm, key, nonce, FULL_TAG);
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

/** @returns ciphertext || tag */
export function sealGcm(key: KeyObject, nonce: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv(algorithmOf(key), key, nonce, FULL_TAG);
  cipher.setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([ciphertext, cipher.getAuthTag()]);
}

/**
 * What the tag covers besides the ciphertext: `[context, protected, external_aad]`.
 * @source RFC 9052 5.3
 */
export function encStructure(context: 'Encrypt0' | 'Encrypt', protectedHeader: Buffer, externalAad: Buffer): Buffer {
  return cborArray([cborText(context), cborBytes(protectedHeader), cborBytes(externalAad)]);
}

function algorithmOf(key: KeyObject): CipherGCMTypes {
  const algorithm = ALGORITHM_OF_KEY_BYTES[key.symmetricKeySize ?? 0];
  if (algorithm === undefined) throw new RangeError('AES key of 16, 24 or 32 bytes expected');
  return algorithm;
}
