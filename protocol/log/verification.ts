import { isCount } from '../portable/values.ts';
import { EMPTY_ROOT, LOG_HASH_BYTES, nodeHash } from './hashes.ts';

/** How many entries a log had, and the root over them. */
export interface LogHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
}

/** That `leaf` (a leaf hash) is entry number `index` of the log with this head. */
export interface InclusionClaim {
  readonly leaf: Buffer;
  readonly index: number;
  readonly head: LogHead;
  readonly proof: readonly Buffer[];
}

/** That the log with head `to` begins with all of the log with head `from`. */
export interface ConsistencyClaim {
  readonly from: LogHead;
  readonly to: LogHead;
  readonly proof: readonly Buffer[];
}

/** True for nothing but a sound proof; never throws. @source RFC 9162 2.1.3.2 */
export function verifyInclusion({ leaf, index, head, proof }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(head.size) || index >= head.size || !areHashes([leaf, head.root, ...proof])) return false;
  let [node, last, hash] = [index, head.size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      [node, last] = upToRightChild(node, last);
    } else hash = nodeHash(hash, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && hash.equals(head.root);
}

/** True for nothing but a sound proof; never throws. @source RFC 9162 2.1.4.2 */
export function verifyConsistency({ from, to, proof }: ConsistencyClaim): boolean {
  if (!isCount(from.size) || !isCount(to.size) || from.size > to.size || !areHashes([from.root, to.root, ...proof])) return false;
  if (from.size === 0) return proof.length === 0 && from.root.equals(EMPTY_ROOT) && (to.size > 0 || to.root.equals(EMPTY_ROOT));
  if (from.size === to.size) return proof.length === 0 && from.root.equals(to.root);
  const [first, ...rest] = isPowerOfTwo(from.size) ? [from.root, ...proof] : proof;
  if (first === undefined) return false;
  let [node, last] = [from.size - 1, to.size - 1];
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  let [before, after] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      [node, last] = upToRightChild(node, last);
    } else after = nodeHash(after, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && before.equals(from.root) && after.equals(to.root);
}

/** Levels on which the last node stands alone have no sibling, and no line in a proof. */
function upToRightChild(node: number, last: number): [number, number] {
  let [up, end] = [node, last];
  while (!isOdd(up) && up !== 0) [up, end] = [half(up), half(end)];
  return [up, end];
}

// Numbers, not bits: a log may outgrow 2^32 entries.
const half = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;
const areHashes = (hashes: readonly Buffer[]): boolean => hashes.every(({ length }) => length === LOG_HASH_BYTES);

function isPowerOfTwo(value: number): boolean {
  let power = 1;
  while (power < value) power *= 2;
  return power === value;
}
