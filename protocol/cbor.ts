import { ProtocolRefusal, type RefusalCode } from './refusal.ts';

/*
 * The CBOR that signed messages need, and no more: unsigned integers, byte strings, text strings and arrays,
 * in the one deterministic form of RFC 8949 4.2.1. No maps, no tags, no floats, no indefinite lengths.
 */
const UINT = 0x00;
const BYTES = 0x40;
const TEXT = 0x60;
const ARRAY = 0x80;
const MAJOR_MASK = 0xe0;
const TWO_POW_32 = 0x1_0000_0000;

function head(major: number, value: number): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('CBOR head: unsigned integer below 2^53 expected');
  if (value < 24) return Buffer.of(major | value);
  if (value < 0x100) return Buffer.of(major | 24, value);
  if (value < 0x10000) return Buffer.of(major | 25, value >>> 8, value & 0xff);
  const wide = value >= TWO_POW_32;
  const bytes = Buffer.alloc(wide ? 9 : 5);
  bytes[0] = major | (wide ? 27 : 26);
  if (wide) bytes.writeUInt32BE(Math.floor(value / TWO_POW_32), 1);
  bytes.writeUInt32BE(value % TWO_POW_32, wide ? 5 : 1);
  return bytes;
}

/** @param value 0 to 2^53 - 1 */
export const cborUint = (value: number): Buffer => head(UINT, value);
export const cborBytes = (value: Buffer): Buffer => Buffer.concat([head(BYTES, value.length), value]);
export const cborArray = (items: readonly Buffer[]): Buffer => Buffer.concat([head(ARRAY, items.length), ...items]);
export function cborText(value: string): Buffer {
  const utf8 = Buffer.from(value, 'utf8');
  return Buffer.concat([head(TEXT, utf8.length), utf8]);
}

/**
 * Reads one message front to back, each byte once. Whatever is not the expected item in its shortest form is
 * refused with the caller's code, reason `layout`.
 */
export class CborReader {
  readonly #bytes: Buffer;
  readonly #code: RefusalCode;
  #at = 0;

  constructor(bytes: Buffer, code: RefusalCode) {
    this.#bytes = bytes;
    this.#code = code;
  }

  /** @returns how many items follow, `min` to `max` */
  array(min: number, max = min): number {
    return this.#bounded(this.#head(ARRAY), min, max);
  }

  uint(min = 0, max = Number.MAX_SAFE_INTEGER): number {
    return this.#bounded(this.#head(UINT), min, max);
  }

  /** @returns a copy of `min` to `max` bytes */
  bytes(min: number, max = min): Buffer {
    const length = this.#bounded(this.#head(BYTES), min, max);
    return this.#take(length);
  }

  /** @param min @param max bytes of UTF-8 */
  text(min: number, max: number): string {
    const utf8 = this.#take(this.#bounded(this.#head(TEXT), min, max));
    const text = utf8.toString('utf8');
    // What is no UTF-8 does not come back as it was.
    return Buffer.from(text, 'utf8').equals(utf8) ? text : this.refuse();
  }

  /** The next bytes are exactly these. */
  exactly(expected: Buffer): void {
    if (!this.#take(expected.length).equals(expected)) this.refuse();
  }

  /** Whether nothing follows. */
  get isDone(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Nothing follows. */
  end(): void {
    if (!this.isDone) this.refuse();
  }

  refuse(reason = 'layout'): never {
    throw new ProtocolRefusal(this.#code, reason);
  }

  #head(major: number): number {
    const initial = this.#take(1)[0]!;
    if ((initial & MAJOR_MASK) !== major) this.refuse();
    const argument = initial & 0x1f;
    if (argument < 24) return argument;
    if (argument > 27) this.refuse();
    const width = 1 << (argument - 24);
    const value = this.#wide(this.#take(width));
    const shortest = width === 1 ? 24 : 2 ** (4 * width);
    if (value < shortest) this.refuse();
    return value;
  }

  #wide(bytes: Buffer): number {
    if (bytes.length < 8) return bytes.readUIntBE(0, bytes.length);
    const value = bytes.readUInt32BE(0) * TWO_POW_32 + bytes.readUInt32BE(4);
    return Number.isSafeInteger(value) ? value : this.refuse();
  }

  #bounded(value: number, min: number, max: number): number {
    return value >= min && value <= max ? value : this.refuse();
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) this.refuse();
    const taken = Buffer.from(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return taken;
  }
}
