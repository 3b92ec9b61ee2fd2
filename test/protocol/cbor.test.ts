import { cdeDecodeOptions, dcborEncodeOptions, decode, encode } from 'cbor2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CborReader, cborArray, cborBytes, cborText, cborUint } from '../../protocol/cbor.ts';
import { refusal } from './support.ts';

const hex = (text: string) => Buffer.from(text, 'hex');
const readerOf = (text: string) => new CborReader(hex(text), 'ERR_HANDSHAKE_REFUSED');
const refusedAs = (attempt: () => unknown) => refusal('ERR_HANDSHAKE_REFUSED', attempt);

const edges = [0, 1, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
const anyUint = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());

describe('writer', () => {
  it('writes what a deterministic encoder writes', () => {
    fc.assert(
      fc.property(
        fc.array(anyUint, { maxLength: 30 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ maxLength: 40 }),
        (uints, bytes, text) => {
          const ours = cborArray([cborArray(uints.map(cborUint)), cborBytes(Buffer.from(bytes)), cborText(text)]);
          const theirs = encode([uints, bytes, text], { ...dcborEncodeOptions, stringNormalization: undefined } as object);
          expect(ours.toString('hex')).toBe(Buffer.from(theirs).toString('hex'));
        },
      ),
    );
  });

  it.each([-1, 1.5, 2 ** 53, Number.NaN])('refuses %d', (value) => {
    expect(() => cborUint(value)).toThrow(RangeError);
  });
});

describe('reader', () => {
  it('reads back what was written, and says when something follows', () => {
    fc.assert(
      fc.property(fc.array(anyUint, { minLength: 1, maxLength: 30 }), fc.uint8Array({ maxLength: 300 }), (uints, bytes) => {
        const reader = new CborReader(cborArray([...uints.map(cborUint), cborBytes(Buffer.from(bytes))]), 'ERR_SEAL_REFUSED');
        expect(reader.array(1, 31)).toBe(uints.length + 1);
        expect(uints.map(() => reader.uint())).toEqual(uints);
        expect(reader.bytes(0, 300)).toEqual(Buffer.from(bytes));
        expect(() => reader.end()).not.toThrow();
      }),
    );
    expect(refusedAs(() => readerOf('0100').end())).toBe('layout');
  });

  it.each([
    ['23 in two bytes', '1817'],
    ['255 in three bytes', '1900ff'],
    ['65535 in five bytes', '1a0000ffff'],
    ['2^32 - 1 in nine bytes', '1b00000000ffffffff'],
    ['2^53', '1b0020000000000000'],
    ['2^64 - 1', '1bffffffffffffffff'],
    ['reserved argument 28', '1c'],
    ['reserved argument 30', '1e'],
    ['indefinite', '1f'],
    ['negative', '20'],
    ['text', '6161'],
    ['float', 'f93c00'],
    ['true', 'f5'],
    ['tag', 'c101'],
    ['cut', '19ff'],
    ['nothing', ''],
  ])('refuses as unsigned integer: %s', (_name, text) => {
    expect(refusedAs(() => readerOf(text).uint())).toBe('layout');
  });

  it.each([
    ['longer head than needed', '580161'],
    ['indefinite chunks', '5f4161ff'],
    ['text', '6161'],
    ['more announced than there is', '4261'],
    ['4 GB announced', '5affffffff'],
    ['longer than allowed', '446161616161'],
  ])('refuses as bytes: %s', (_name, text) => {
    expect(refusedAs(() => readerOf(text).bytes(0, 3))).toBe('layout');
  });

  it.each([
    ['indefinite', '9f01ff'],
    ['map', 'a10101'],
    ['too few', '80'],
    ['too many', '820101'],
    ['2^32 items announced', '9b0000000100000000'],
  ])('refuses as array: %s', (_name, text) => {
    expect(refusedAs(() => readerOf(text).array(1))).toBe('layout');
  });

  it('takes no encoding that a strict decoder refuses', () => {
    const random = fc.uint8Array({ minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(random, (bytes) => {
        const reader = new CborReader(Buffer.from(bytes), 'ERR_HANDSHAKE_REFUSED');
        let ours: number | undefined;
        try {
          ours = reader.uint();
          reader.end();
        } catch {
          return;
        }
        expect(Number(decode(bytes, cdeDecodeOptions))).toBe(ours);
      }),
      { numRuns: 2000 },
    );
  });

  it('hands out copies, so later changes of the input change nothing', () => {
    const input = hex('43010203');
    const read = new CborReader(input, 'ERR_HANDSHAKE_REFUSED').bytes(3);
    input.fill(0);
    expect(read).toEqual(hex('010203'));
  });
});
