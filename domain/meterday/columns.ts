/** Byte columns of the meter day's events, little-endian. They may lie at any offset of a commit's body. */

export function u16At(column: Uint8Array, i: number): number {
  return column[i * 2]! | (column[i * 2 + 1]! << 8);
}

export function u32At(column: Uint8Array, i: number): number {
  const at = i * 4;
  return (column[at]! | (column[at + 1]! << 8) | (column[at + 2]! << 16) | (column[at + 3]! << 24)) >>> 0;
}

export function u16Column(values: ArrayLike<number>): Uint8Array {
  const column = new Uint8Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    column[i * 2] = values[i]! & 255;
    column[i * 2 + 1] = values[i]! >>> 8;
  }
  return column;
}

export function writeU32(column: Uint8Array, i: number, value: number): void {
  column[i * 4] = value & 255;
  column[i * 4 + 1] = (value >>> 8) & 255;
  column[i * 4 + 2] = (value >>> 16) & 255;
  column[i * 4 + 3] = value >>> 24;
}

export function u32Column(values: ArrayLike<number>): Uint8Array {
  const column = new Uint8Array(values.length * 4);
  for (let i = 0; i < values.length; i++) writeU32(column, i, values[i]!);
  return column;
}
