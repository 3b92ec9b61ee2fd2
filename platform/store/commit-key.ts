import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { subjectOfRow } from '../ports/subject-rows.ts';
import type { Envelope } from './envelope.ts';

const LABEL = Buffer.from('JK1 commit key', 'utf8');
/** Rows of streams that are no subject's. */
const SHOWN_BY_COMMIT = ['stream-class/tariff/', 'stream-class/account/', 'stream-class/usagepoint/'];
/** Number of the first and only block of HKDF-Expand. */
const BLOCK = Buffer.of(1);

/**
 * Whether commits under a row are sealed with keys of their own: what is a subject's, so that one bill can be shown without the others, and
 * what a bill's proof rests on besides: tariffs, accounts, and usage points, each of whose commits is shown to the tenant it speaks of.
 */
export function hasCommitKeys(rowId: string): boolean {
  return subjectOfRow(rowId) !== undefined || SHOWN_BY_COMMIT.some((prefix) => rowId.startsWith(prefix));
}

/**
 * The key that opens one commit and no other: HKDF-Expand with SHA-256 of the row's key, which is uniformly random and needs no extraction.
 * info = "JK1 commit key", nonce (12 bytes), version (u64, big-endian), stream.
 * @param rowKey 32 bytes @source RFC 5869 2.3 and 3.3
 */
export function commitKeyOf(rowKey: KeyObject, { stream, version, nonce }: Pick<Envelope, 'stream' | 'version' | 'nonce'>): KeyObject {
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(BigInt(version));
  const okm = createHmac('sha256', rowKey)
    .update(Buffer.concat([LABEL, nonce, place, Buffer.from(stream, 'utf8'), BLOCK]))
    .digest();
  const key = createSecretKey(okm);
  okm.fill(0);
  return key;
}
