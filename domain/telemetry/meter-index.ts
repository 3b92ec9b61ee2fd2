/** Dense number of a meter by its 8-byte id: open addressing over typed arrays, no object and no string per look-up. */
export class MeterIndex {
  #size = 0;
  #mask: number;
  #high: Uint32Array;
  #low: Uint32Array;
  /** Number + 1; 0 = free. */
  #value: Uint32Array;

  constructor(capacity = 64) {
    const cells = 2 ** Math.ceil(Math.log2(Math.max(8, capacity * 2)));
    this.#mask = cells - 1;
    this.#high = new Uint32Array(cells);
    this.#low = new Uint32Array(cells);
    this.#value = new Uint32Array(cells);
  }

  get size(): number {
    return this.#size;
  }

  /** @returns the number stored for the meter, -1 when unknown */
  get(high: number, low: number): number {
    let cell = mix(high, low) & this.#mask;
    while (this.#value[cell] !== 0) {
      if (this.#low[cell] === low && this.#high[cell] === high) return this.#value[cell]! - 1;
      cell = (cell + 1) & this.#mask;
    }
    return -1;
  }

  /** Adds or overwrites. */
  set(high: number, low: number, value: number): void {
    if (this.#size * 2 > this.#mask) this.#grow();
    let cell = mix(high, low) & this.#mask;
    while (this.#value[cell] !== 0 && !(this.#low[cell] === low && this.#high[cell] === high)) cell = (cell + 1) & this.#mask;
    if (this.#value[cell] === 0) this.#size++;
    this.#high[cell] = high;
    this.#low[cell] = low;
    this.#value[cell] = value + 1;
  }

  /** The meter stored under a number, by looking through all of them: for the rare case. @returns 16 hex digits */
  meterIdOf(value: number): string | undefined {
    const cell = this.#value.indexOf(value + 1);
    if (cell < 0) return undefined;
    return meterIdOf(this.#high[cell]!, this.#low[cell]!);
  }

  #grow(): void {
    const bigger = new MeterIndex(this.#mask + 1);
    for (let cell = 0; cell <= this.#mask; cell++) {
      if (this.#value[cell] !== 0) bigger.set(this.#high[cell]!, this.#low[cell]!, this.#value[cell]! - 1);
    }
    this.#mask = bigger.#mask;
    this.#high = bigger.#high;
    this.#low = bigger.#low;
    this.#value = bigger.#value;
  }
}

/** Meter ids of one maker differ in their last bytes only; every bit has to reach the low bits of the cell number. */
function mix(high: number, low: number): number {
  let h = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 13);
}

/** @param meterId 16 hex digits */
export function meterHigh(meterId: string): number {
  return Number.parseInt(meterId.slice(0, 8), 16);
}

export function meterLow(meterId: string): number {
  return Number.parseInt(meterId.slice(8, 16), 16);
}

/** @returns 16 hex digits */
export function meterIdOf(high: number, low: number): string {
  return hex32(high) + hex32(low);
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
