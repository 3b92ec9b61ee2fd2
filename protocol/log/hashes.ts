import { createHash } from 'node:crypto';

/** Bytes of every hash of the log. */
export const LOG_HASH_BYTES = 32;

const LEAF = Buffer.of(0x00);
const NODE = Buffer.of(0x01);

/** Root of a log without entries. @source RFC 9162 2.1.1 */
export const EMPTY_ROOT: Buffer = createHash('sha256').digest();

/** Hash of one entry: the prefix keeps it from ever passing for a node. @source RFC 9162 2.1.1 */
export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(LEAF).update(entry).digest();
}

/** Hash of two subtrees side by side. @source RFC 9162 2.1.1 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}
