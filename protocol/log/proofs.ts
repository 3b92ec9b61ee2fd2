import { isCount } from '../portable/values.ts';
import { nodeHash } from './hashes.ts';

/** Hash of the full subtree of 2^level leaves whose first leaf is number index * 2^level. */
export type HashAt = (level: number, index: number) => Buffer | Promise<Buffer>;

/** Root over leaves `start` to `end` (not included); `start` as RFC 9162 splits, so a whole subtree begins on its own multiple. */
export async function rootOfRange(start: number, end: number, hashAt: HashAt): Promise<Buffer> {
  const size = end - start;
  const split = splitOf(size);
  if (split * 2 === size || size === 1) return await hashAt(Math.log2(size), start / size);
  return nodeHash(await rootOfRange(start, start + split, hashAt), await rootOfRange(start + split, end, hashAt));
}

/**
 * What leads from leaf `index` to the root over the first `size` leaves, from the leaf up.
 * @throws RangeError for a leaf that is not among them
 * @source RFC 9162 2.1.3.1
 */
export async function inclusionProof(index: number, size: number, hashAt: HashAt): Promise<Buffer[]> {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError(`leaf ${index} is not among ${size}`);
  const proof: Buffer[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    const isLeft = index < middle;
    proof.unshift(isLeft ? await rootOfRange(middle, end, hashAt) : await rootOfRange(start, middle, hashAt));
    [start, end] = isLeft ? [start, middle] : [middle, end];
  }
  return proof;
}

/**
 * What shows that the first `from` of `to` leaves are those of an earlier root.
 * @throws RangeError unless 0 <= from <= to
 * @source RFC 9162 2.1.4.1
 */
export async function consistencyProof(from: number, to: number, hashAt: HashAt): Promise<Buffer[]> {
  if (!isCount(from) || !isCount(to) || from > to) throw new RangeError(`a log of ${to} never had ${from} entries`);
  if (from === 0) return [];
  const proof: Buffer[] = [];
  let [start, end] = [0, to];
  while (end !== from) {
    const middle = start + splitOf(end - start);
    const isLeft = from <= middle;
    proof.unshift(isLeft ? await rootOfRange(middle, end, hashAt) : await rootOfRange(start, middle, hashAt));
    [start, end] = isLeft ? [start, middle] : [middle, end];
  }
  // The earlier root itself is known to whoever asks: it is told only where it is not one subtree from the first leaf on.
  return start === 0 ? proof : [await rootOfRange(start, end, hashAt), ...proof];
}

/** Largest power of two smaller than `size`; 1 for sizes 1 and 2. Doubles, so that sizes over 2^32 count as well. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
