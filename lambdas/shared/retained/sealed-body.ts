import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { KeyRow } from '../../../platform/ports/key-table.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { rowContextOf } from '../../../platform/ports/subject-rows.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** A wrapped key is never of no length: what stands before a row's name tells the two layouts apart. */
const BY_ROW = 0;

/** What stands in for deleted commits of nobody's data, sealed under a data key of its own that the store's key wraps. @param of stream that it is about */
export async function sealBody(platform: Pick<Platform, 'kms'>, of: string, body: Buffer): Promise<Buffer> {
  const { plaintext, wrapped } = await platform.kms.generateDataKey('store-kek', { checkpoint: of });
  return Buffer.concat([length(wrapped), wrapped, seal(createSecretKey(plaintext), randomBytes(NONCE), body)]);
}

/**
 * Values of meters, sealed under the row that seals the segment's commits now: when that is destroyed, what backups and disks have of the
 * body is gone with what they have of the commits. A segment without a row has its commits in clear: its bodies are sealed as above.
 */
export async function sealSegmentBody(platform: Pick<Platform, 'kms' | 'keys'>, segment: string, body: Buffer): Promise<Buffer> {
  const row = (await platform.keys.list(`segment/${segment}/`)).at(-1);
  if (row === undefined) return await sealBody(platform, segment, body);
  const nonce = randomBytes(NONCE);
  const name = Buffer.from(row.id);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(BY_ROW);
  return Buffer.concat([head, length(name), name, seal(await keyOf(platform, row, segment, nonce), nonce, body)]);
}

/** @returns undefined when the row that sealed it is destroyed */
export async function openBody(platform: Pick<Platform, 'kms' | 'keys'>, of: string, body: Buffer): Promise<Buffer | undefined> {
  if (body.readUInt16BE(0) === BY_ROW) return await openByRow(platform, of, body);
  const wrappedEnd = 2 + body.readUInt16BE(0);
  const key = await platform.kms.decrypt('store-kek', body.subarray(2, wrappedEnd), { checkpoint: of });
  return open(createSecretKey(key), body.subarray(wrappedEnd));
}

async function openByRow(platform: Pick<Platform, 'kms' | 'keys'>, of: string, body: Buffer): Promise<Buffer | undefined> {
  const nameEnd = 4 + body.readUInt16BE(2);
  const row = await platform.keys.get(body.toString('utf8', 4, nameEnd));
  if (row === undefined) return undefined;
  const sealed = body.subarray(nameEnd);
  return open(await keyOf(platform, row, of, sealed.subarray(0, NONCE)), sealed);
}

/** Never the row's key itself, which seals commits. */
async function keyOf({ kms }: Pick<Platform, 'kms'>, row: KeyRow, segment: string, nonce: Buffer): Promise<KeyObject> {
  const plaintext = await kms.decrypt(row.wrappedBy, row.wrapped, rowContextOf(row.id));
  const derived = Buffer.from(hkdfSync('sha256', plaintext, nonce, `joulekeep checkpoint ${segment}`, 32));
  plaintext.fill(0);
  return createSecretKey(derived);
}

/** Nonce, ciphertext, tag. */
function seal(key: KeyObject, nonce: Buffer, body: Buffer): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG });
  return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

function open(key: KeyObject, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()]);
}

function length(bytes: Buffer): Buffer {
  const written = Buffer.alloc(2);
  written.writeUInt16BE(bytes.length);
  return written;
}

export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
