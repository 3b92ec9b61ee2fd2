/** The same numbers for the same seed, on every machine: xorshift128 of four words. */
export class Random {
  #a: number;
  #b = 0x9e37_79b9;
  #c = 0x243f_6a88;
  #d = 0xb7e1_5162;

  constructor(seed: number) {
    this.#a = seed | 0 || 1;
    for (let i = 0; i < 16; i++) this.word();
  }

  /** u32. */
  word(): number {
    let t = this.#d;
    const s = this.#a;
    this.#d = this.#c;
    this.#c = this.#b;
    this.#b = s;
    t ^= t << 11;
    t ^= t >>> 8;
    this.#a = t ^ s ^ (s >>> 19);
    return this.#a >>> 0;
  }

  /** 0 to below `limit`. */
  below(limit: number): number {
    return this.word() % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}
