import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto';
import type { Platform } from '../../platform/ports/platform.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** What stands in for deleted commits, sealed under a data key of its own that the store's key wraps. @param of segment, or stream, that it is about */
export async function sealBody(platform: Pick<Platform, 'kms'>, of: string, body: Buffer): Promise<Buffer> {
  const { plaintext, wrapped } = await platform.kms.generateDataKey('store-kek', { checkpoint: of });
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(ALGORITHM, createSecretKey(plaintext), nonce, { authTagLength: TAG });
  const sealed = Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wrapped.length);
  return Buffer.concat([length, wrapped, nonce, sealed]);
}

export async function openBody(platform: Pick<Platform, 'kms'>, of: string, body: Buffer): Promise<Buffer> {
  const wrappedEnd = 2 + body.readUInt16BE(0);
  const key = await platform.kms.decrypt('store-kek', body.subarray(2, wrappedEnd), { checkpoint: of });
  const nonce = body.subarray(wrappedEnd, wrappedEnd + NONCE);
  const decipher = createDecipheriv(ALGORITHM, createSecretKey(key), nonce, { authTagLength: TAG });
  decipher.setAuthTag(body.subarray(body.length - TAG));
  return Buffer.concat([decipher.update(body.subarray(wrappedEnd + NONCE, body.length - TAG)), decipher.final()]);
}

export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
