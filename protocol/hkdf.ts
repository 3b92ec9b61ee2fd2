import { createHmac, type KeyObject } from 'node:crypto';

const HASH_BYTES = 32;

/** @returns the pseudo-random key, 32 bytes @source RFC 5869 2.2 with SHA-256 */
export function hkdfExtract(salt: Buffer, inputKey: Buffer): Buffer {
  return createHmac('sha256', salt).update(inputKey).digest();
}

/**
 * Expand alone; node's `hkdf` always extracts first.
 * @param length 1 to 8160 bytes @source RFC 5869 2.3 with SHA-256
 */
export function hkdfExpand(pseudoRandomKey: Buffer | KeyObject, info: Buffer, length: number): Buffer {
  if (!Number.isInteger(length) || length < 1 || length > 255 * HASH_BYTES) throw new RangeError('HKDF length of 1 to 8160 bytes expected');
  const output = Buffer.alloc(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  let previous: Buffer = Buffer.alloc(0);
  for (let block = 1; (block - 1) * HASH_BYTES < length; block++) {
    previous = createHmac('sha256', pseudoRandomKey).update(previous).update(info).update(Buffer.of(block)).digest();
    previous.copy(output, (block - 1) * HASH_BYTES);
  }
  return output.subarray(0, length);
}
