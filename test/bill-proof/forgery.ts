import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Of a log that nobody knows. */
export function strangersKeys(): Buffer[] {
  return [generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' })];
}

/** GCM takes a key of 32 bytes; an empty one is none. */
export function secretKeyOf(bytes: Buffer): KeyObject {
  return createSecretKey(bytes);
}
