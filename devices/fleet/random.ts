import { createHash } from 'node:crypto';

/** 32-bit number of a seed text, for `unit` and `SeededRandom`. */
export function seedNumber(seed: string): number {
  return createHash('sha256').update(`joulekeep fleet ${seed}`).digest().readUInt32BE(0);
}

/**
 * A number in [0, 1) that depends on nothing but its arguments (MurmurHash3 over four words), so any interval of
 * any home can be asked for in any order. Not for secrets.
 */
export function unit(seed: number, a: number, b = 0, c = 0): number {
  let hash = absorb(absorb(absorb(seed | 0, a), b), c);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

function absorb(hash: number, word: number): number {
  const scrambled = Math.imul(word | 0, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** A repeatable sequence of choices. Not for secrets. */
export class SeededRandom {
  readonly #seed: number;
  #step = 0;

  constructor(seed: string) {
    this.#seed = seedNumber(seed);
  }

  /** In [0, 1). */
  next(): number {
    this.#step += 1;
    return unit(this.#seed, this.#step);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.integer(items.length)];
  }

  bytes(length: number): Buffer {
    const out = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) out[i] = this.integer(256);
    return out;
  }

  /** The same items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}
