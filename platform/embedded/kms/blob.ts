import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { kmsError } from '../../kms/kms-errors.ts';
import type { EncryptionContext } from '../../ports/kms.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

/** Which key and generation a ciphertext names. */
export interface BlobName {
  readonly keyId: string;
  readonly generation: number;
}

export interface ParsedBlob extends BlobName {
  readonly header: Buffer;
  readonly sealed: Buffer;
}

/** Ciphertext blob: version u8, length of key id u8, key id, generation u32, then nonce, ciphertext, tag. */
export function sealBlob(name: BlobName, key: KeyObject, plaintext: Buffer, context: EncryptionContext): Buffer {
  const header = encodeHeader(name);
  return Buffer.concat([header, seal(key, plaintext, boundTo(header, context))]);
}

/** @throws ERR_KMS_INVALID_CIPHERTEXT */
export function parseBlob(blob: Buffer): ParsedBlob {
  const idEnd = 2 + (blob[1] ?? 0);
  const headerEnd = idEnd + 4;
  if (blob[0] !== VERSION || blob.length < headerEnd + NONCE_BYTES + TAG_BYTES) throw kmsError('ERR_KMS_INVALID_CIPHERTEXT');
  return {
    keyId: blob.toString('latin1', 2, idEnd),
    generation: blob.readUInt32BE(idEnd),
    header: blob.subarray(0, headerEnd),
    sealed: blob.subarray(headerEnd),
  };
}

/** @throws ERR_KMS_INVALID_CIPHERTEXT on tampered text or another context */
export function openBlob(blob: ParsedBlob, key: KeyObject, context: EncryptionContext): Buffer {
  return open(key, blob.sealed, boundTo(blob.header, context));
}

/** nonce + AES-256-GCM ciphertext + tag. */
export function seal(key: KeyObject, plaintext: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @throws ERR_KMS_INVALID_CIPHERTEXT */
export function open(key: KeyObject, sealed: Buffer, aad: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    throw kmsError('ERR_KMS_INVALID_CIPHERTEXT', cause);
  }
  return plaintext;
}

function encodeHeader({ keyId, generation }: BlobName): Buffer {
  const header = Buffer.alloc(6 + keyId.length);
  header[0] = VERSION;
  header[1] = keyId.length;
  header.write(keyId, 2, 'latin1');
  header.writeUInt32BE(generation, 2 + keyId.length);
  return header;
}

/** Header, then pairs by name, each string with its length: two contexts are equal exactly when these bytes are. */
function boundTo(header: Buffer, context: EncryptionContext): Buffer {
  const names = Object.keys(context).sort();
  const strings = names.flatMap((name) => [name, context[name]!]);
  const length = strings.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), header.length);
  const bytes = Buffer.allocUnsafe(length);
  let at = header.copy(bytes);
  for (const text of strings) {
    const written = bytes.write(text, at + 4);
    bytes.writeUInt32BE(written, at);
    at += 4 + written;
  }
  return bytes;
}
