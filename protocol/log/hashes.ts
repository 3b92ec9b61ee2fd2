import { hash } from 'node:crypto';

/** Bytes of every hash of the log. */
export const LOG_HASH_BYTES = 32;

/** Hashes that lie one behind the other; where bytes are left over, the last is shorter, and none that counts. */
export function hashesIn(bytes: Buffer): Buffer[] {
  const count = Math.ceil(bytes.length / LOG_HASH_BYTES);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * LOG_HASH_BYTES, (at + 1) * LOG_HASH_BYTES));
}

const LEAF = Buffer.of(0x00);
const NODE = Buffer.of(0x01);

/** Root of a log without entries. @source RFC 9162 2.1.1 */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** Hash of one entry: the prefix keeps it from ever passing for a node. @source RFC 9162 2.1.1 */
export function leafHash(entry: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF, entry]), 'buffer');
}

/** Hash of two subtrees side by side. @source RFC 9162 2.1.1 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}
