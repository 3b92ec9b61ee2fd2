import { createSecretKey } from 'node:crypto';
import { dcborDecodeOptions, decode } from 'cbor2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkFrame,
  FRAME_BAD_LAYOUT,
  FRAME_BYTES,
  FRAME_OK,
  type FrameHeader,
  FrameOpener,
  frameCounter,
  frameEpoch,
  frameGeneration,
  frameMeterHi,
  frameMeterId,
  frameMeterLo,
  type GenerationKeys,
  nonceOf,
  PLAINTEXT_BYTES,
  readHeader,
  sealFrame,
  sizeClassOf,
} from '../../protocol/frame.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { bytesOf, flips, headerOf, keysOf, METER_A, METER_B, refusal } from './support.ts';

const opener = new FrameOpener({ verifyTag: defencesUnderTest().frameTag });
const keys = keysOf(7);
const SIZES = [0, 1, 2] as const;

/** What the MDMS does with bytes: the constant prefix first, then the tag under the key that the header names. */
function accepted(bytes: Buffer, under: GenerationKeys = keys): boolean {
  return checkFrame(bytes, 0, bytes.length) === FRAME_OK && opener.open(bytes, 0, bytes.length, under) !== undefined;
}

const sealed = (sizeClass: 0 | 1 | 2, header: FrameHeader = headerOf()) => sealFrame(header, keys, bytesOf(PLAINTEXT_BYTES[sizeClass]));

describe('layout of a frame', () => {
  it.each(SIZES)('class %i: lengths, constants and offsets are those of the table', (sizeClass) => {
    const frame = sealed(sizeClass);
    const payloadHead = ['5830', '5850', '590150'][sizeClass]!;
    expect(frame.length).toBe(FRAME_BYTES[sizeClass]);
    expect(sizeClassOf(frame.length)).toBe(sizeClass);
    expect(frame.toString('hex', 0, 31)).toBe(`83581ba30103044b${METER_A}0102030649deadbeef0102030405a0`);
    expect(frame.toString('hex', 31, 31 + payloadHead.length / 2)).toBe(payloadHead);
    expect(frame.length).toBe(31 + payloadHead.length / 2 + PLAINTEXT_BYTES[sizeClass] + 16);
  });

  it.each(SIZES)('class %i: a strict dCBOR decoder reads the same', (sizeClass) => {
    const [protectedHeader, unprotected, payload] = decode(sealed(sizeClass), dcborDecodeOptions) as [Uint8Array, object, Uint8Array];
    const header = decode(protectedHeader, dcborDecodeOptions) as Map<number, unknown>;
    expect([...header.keys()]).toEqual([1, 4, 6]);
    expect(header.get(1)).toBe(3);
    expect(Buffer.from(header.get(4) as Uint8Array).toString('hex')).toBe(`${METER_A}010203`);
    expect(Buffer.from(header.get(6) as Uint8Array).toString('hex')).toBe('deadbeef0102030405');
    expect(Object.keys(unprotected)).toEqual([]);
    expect(payload.length).toBe(PLAINTEXT_BYTES[sizeClass] + 16);
  });

  it('reads header fields where the frame lies inside a batch', () => {
    const frame = sealed(1);
    const batch = Buffer.concat([bytesOf(100), frame, bytesOf(9)]);
    expect(checkFrame(batch, 100, frame.length)).toBe(FRAME_OK);
    expect(readHeader(batch, 100)).toEqual(headerOf());
    expect([frameEpoch(batch, 100), frameGeneration(batch, 100), frameCounter(batch, 100)]).toEqual([258, 3, 0x01_0203_0405]);
    expect([frameMeterId(batch, 100), frameMeterHi(batch, 100), frameMeterLo(batch, 100)]).toEqual([METER_A, 0x00124b00, 0x060d7a11]);
    expect(opener.open(batch, 100, frame.length, keys)).toEqual(bytesOf(64));
  });

  it.each(SIZES)('class %i: any other value of any constant byte is another layout, with or without a look at the tag', (sizeClass) => {
    const frame = sealed(sizeClass);
    const unverified = new FrameOpener({ verifyTag: false });
    const constants = [0, 1, 2, 3, 4, 6, 7, 19, 20, 30, ...(sizeClass === 2 ? [31, 32, 33] : [31, 32])];
    for (const at of constants) {
      for (const by of [1, 0x20, 0x80, 0xff]) {
        const altered = Buffer.from(frame);
        altered[at]! ^= by;
        expect([at, checkFrame(altered, 0, altered.length)]).toEqual([at, FRAME_BAD_LAYOUT]);
        expect(unverified.open(altered, 0, altered.length, keys)).toBeUndefined();
      }
    }
    expect(unverified.open(frame, 0, frame.length - 1, keys)).toBeUndefined();
  });

  it('holds the lowest and the highest of every field of its header', () => {
    for (const header of [
      headerOf({ epoch: 1, generation: 0, salt: 0, counter: 1 }),
      headerOf({ meterId: '0123456789abcdef', epoch: 0xffff, generation: 13, salt: 0xffffffff, counter: 2 ** 40 - 1 }),
      headerOf({ epoch: 256, counter: 2 ** 32 }),
      headerOf({ epoch: 255, counter: 2 ** 24 }),
      headerOf({ counter: 2 ** 16 }),
      headerOf({ counter: 2 ** 8 }),
    ]) {
      const frame = sealFrame(header, keys, bytesOf(32));
      expect(checkFrame(frame, 0, 81)).toBe(FRAME_OK);
      expect(readHeader(frame, 0)).toEqual(header);
    }
  });

  it('never reads past the buffer, whatever length is claimed', () => {
    const frame = sealed(0);
    expect(checkFrame(frame.subarray(0, 80), 0, 81)).toBe(FRAME_BAD_LAYOUT);
    expect(checkFrame(frame, 1, 81)).toBe(FRAME_BAD_LAYOUT);
    expect(checkFrame(frame, -1, 81)).toBe(FRAME_BAD_LAYOUT);
  });

  it.each([
    ['meterId', { meterId: 'AABB' }],
    ['meterId of 17 digits', { meterId: `${METER_A}0` }],
    ['meterId behind another digit', { meterId: `0${METER_A}` }],
    ['meterId in capitals', { meterId: METER_A.toUpperCase() }],
    ['generation -1', { generation: -1 }],
    ['salt -1', { salt: -1 }],
    ['epoch 0', { epoch: 0 }],
    ['epoch 65536', { epoch: 65536 }],
    ['generation 14', { generation: 14 }],
    ['salt', { salt: 2 ** 32 }],
    ['counter 0', { counter: 0 }],
    ['counter 2^40', { counter: 2 ** 40 }],
    ['counter 1.5', { counter: 1.5 }],
  ])('refuses to seal with %s', (_name, over) => {
    expect(refusal('ERR_FRAME_REFUSED', () => sealFrame(headerOf(over), keys, bytesOf(32)))).toBe('header');
  });

  it('refuses to seal a plaintext of another length', () => {
    for (const length of [0, 31, 33, 63, 65, 319, 321]) {
      expect(refusal('ERR_FRAME_REFUSED', () => sealFrame(headerOf(), keys, Buffer.alloc(length)))).toBe('plaintext-length');
    }
  });
});

describe('integrity', () => {
  it.each(SIZES)('R9.1-2: every single bit flipped of a frame of class %i is refused (A5)', (sizeClass) => {
    const frame = sealed(sizeClass);
    const opened = [...flips(frame)].filter(({ flipped }) => accepted(flipped)).map(({ bit }) => bit);
    expect(accepted(frame)).toBe(true);
    expect(opened).toEqual([]);
  });

  it.each(SIZES)('R9.1-2: a frame of class %i cut at every offset is refused (A3)', (sizeClass) => {
    const frame = sealed(sizeClass);
    for (let length = 0; length < frame.length; length++) {
      expect(accepted(Buffer.from(frame.subarray(0, length)))).toBe(false);
      expect(accepted(Buffer.from(frame.subarray(frame.length - length)))).toBe(false);
    }
  });

  it.each(SIZES)('R9.1-2: 1 to 64 trailing or leading bytes on class %i are refused (A4)', (sizeClass) => {
    const frame = sealed(sizeClass);
    for (let extra = 1; extra <= 64; extra++) {
      expect(accepted(Buffer.concat([frame, Buffer.alloc(extra)]))).toBe(false);
      expect(accepted(Buffer.concat([Buffer.alloc(extra), frame]))).toBe(false);
    }
  });

  it('R9.1-2: the ciphertext of one class under the head of another is refused', () => {
    const small = sealed(0);
    for (const other of [sealed(1), sealed(2)]) {
      const mixed = Buffer.from(other);
      small.copy(mixed, 34, 33);
      expect(accepted(mixed)).toBe(false);
    }
  });

  it('C10.1-3: a tag that was forged, zeroed or taken from the neighbour is refused', () => {
    const frame = sealed(0);
    const neighbour = sealed(0, headerOf({ counter: 9 }));
    for (const tag of [Buffer.alloc(16), Buffer.alloc(16, 0xff), bytesOf(16), neighbour.subarray(-16)]) {
      expect(accepted(Buffer.concat([frame.subarray(0, -16), tag]))).toBe(false);
    }
  });
});

describe('sender', () => {
  const keysByMeter = new Map([
    [METER_A, keysOf(7)],
    [METER_B, keysOf(8)],
  ]);

  it("R9.1-4: meter A's frame relabelled B is refused, under B's key and under A's (B4)", () => {
    const relabelled = sealed(0);
    relabelled.write(METER_B, 8, 'hex');
    expect(readHeader(relabelled, 0).meterId).toBe(METER_B);
    expect(accepted(relabelled, keysByMeter.get(METER_B)!)).toBe(false);
    expect(accepted(relabelled, keysByMeter.get(METER_A)!)).toBe(false);
  });

  it("R9.1-4: the right frame under another meter's, epoch's or day's key is refused (B3)", () => {
    expect(accepted(sealed(0), keysByMeter.get(METER_B)!)).toBe(false);
    expect(accepted(sealed(0), { ...keys, iv: bytesOf(12, 99) })).toBe(false);
    expect(accepted(sealed(0), { ...keys, key: createSecretKey(Buffer.alloc(32, 6)) })).toBe(false);
  });
});

const anyHeader = fc.record({
  meterId: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((id) => Buffer.from(id).toString('hex')),
  epoch: fc.integer({ min: 1, max: 0xffff }),
  generation: fc.integer({ min: 0, max: 13 }),
  salt: fc.integer({ min: 0, max: 0xffffffff }),
  counter: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
});

describe('properties', () => {
  it('what was sealed opens to the same, and the header is read back', () => {
    fc.assert(
      fc.property(anyHeader, fc.constantFrom(...PLAINTEXT_BYTES), fc.infiniteStream(fc.nat(255)), (header, length, stream) => {
        const plaintext = Buffer.from(Array.from(stream.take(length)));
        const frame = sealFrame(header, keys, plaintext);
        expect(readHeader(frame, 0)).toEqual(header);
        expect(opener.open(frame, 0, frame.length, keys)).toEqual(plaintext);
      }),
    );
  });

  it('one opener opens frames of all classes in any order without a trace of the one before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SIZES), { minLength: 2, maxLength: 8 }), (classes) => {
        const frames = classes.map((sizeClass, i) => sealed(sizeClass, headerOf({ counter: i + 1 })));
        const opened = frames.map((frame) => opener.open(frame, 0, frame.length, keys));
        expect(opened).toEqual(classes.map((sizeClass) => bytesOf(PLAINTEXT_BYTES[sizeClass])));
      }),
    );
  });

  it('the counter alone makes nonces unique: other counter, other nonce, whatever the salts', () => {
    const counters = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 40 - 1 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(counters, fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.nat(0xffffffff), (all, iv, salt) => {
        const nonces = all.map((counter) => nonceOf(Buffer.from(iv), salt, counter).toString('hex'));
        expect(new Set(nonces).size).toBe(all.length);
      }),
    );
    const tails = new Set(
      [1, 2, 3].flatMap((counter) => [0, 0xffffffff].map((salt) => nonceOf(keys.iv, salt, counter).toString('hex', 7))),
    );
    expect(tails.size).toBe(3);
  });

  it('equal plaintexts never make equal ciphertexts', () => {
    const bodies = Array.from({ length: 200 }, (_, i) => sealed(0, headerOf({ counter: i + 1 })).toString('hex', 33));
    expect(new Set(bodies).size).toBe(200);
  });
});

describe('under a switched-off tag, for the proof alone', () => {
  it('decrypts as the checked opener does', () => {
    const unverified = new FrameOpener({ verifyTag: false });
    for (const sizeClass of SIZES) {
      const frame = sealed(sizeClass);
      expect(unverified.open(frame, 0, frame.length, keys)).toEqual(bytesOf(PLAINTEXT_BYTES[sizeClass]));
    }
  });

  it('is never the default', () => {
    const frame = sealed(0);
    frame[80]! ^= 1;
    expect(new FrameOpener().open(frame, 0, 81, keys)).toBeUndefined();
    expect(new FrameOpener({}).open(frame, 0, 81, keys)).toBeUndefined();
  });
});
