import { randomBytes } from 'node:crypto';

/** Bytes of a nonce of AES-256-GCM. */
export const NONCE_BYTES = 12;

const DRAWN = 341 * NONCE_BYTES;
let drawn = Buffer.alloc(0);

/** 12 fresh random bytes. They are drawn some hundred at a time, since asking for 12 costs as much as asking for thousands; none is handed out twice. */
export function freshNonce(): Buffer {
  if (drawn.length === 0) drawn = randomBytes(DRAWN);
  const nonce = drawn.subarray(0, NONCE_BYTES);
  drawn = drawn.subarray(NONCE_BYTES);
  return nonce;
}
