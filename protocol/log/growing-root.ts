import { EMPTY_ROOT, nodeHash } from './hashes.ts';

/** The tree while it grows, leaf by leaf: what it needs is one hash for each bit of its size. @source RFC 9162 2.1.1 */
export class GrowingRoot {
  /** Heights fall strictly from left to right, as the bits of a number do. */
  readonly #subtrees: { readonly height: number; readonly hash: Buffer }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(leaf: Buffer): void {
    let top = { height: 0, hash: leaf };
    while (this.#subtrees.at(-1)?.height === top.height)
      top = { height: top.height + 1, hash: nodeHash(this.#subtrees.pop()!.hash, top.hash) };
    this.#subtrees.push(top);
    this.#size += 1;
  }

  /** Over what was added so far. */
  root(): Buffer {
    if (this.#size === 0) return EMPTY_ROOT;
    return this.#subtrees.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right));
  }
}

/** Root over leaf hashes in their order. @source RFC 9162 2.1.1 */
export function rootOf(hashes: readonly Buffer[]): Buffer {
  const growing = new GrowingRoot();
  for (const hash of hashes) growing.add(hash);
  return growing.root();
}
