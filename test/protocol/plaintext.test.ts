import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealFrame } from '../../protocol/frame.ts';
import {
  checkPlaintext,
  decodePlaintext,
  encodePlaintext,
  FLAG,
  KIND,
  NULL_DELTA,
  type Plaintext,
  READING,
} from '../../protocol/plaintext.ts';
import { sealBytes } from '../../protocol/profile.ts';
import { bytesOf, headerOf, keysOf, refusal } from './support.ts';

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const flags = fc.nat(63);
const minutes = fc.constantFrom(1, 5, 10, 15, 30, 60);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b));
const delta = fc.option(fc.nat(0xfffe), { nil: null });
const deltas = fc.constantFrom(1, 4, 24, 96).chain((n) => fc.array(delta, { minLength: n, maxLength: n }));

const anyReading = fc.record({
  kind: fc.constant('reading' as const),
  flags,
  channel: fc.nat(255),
  end: u32,
  minutes,
  register: fc.nat(2 ** 48 - 1),
  head: bytes(8),
  deltas,
});
const anySeal = fc.constantFrom(1, 2, 3, 4).chain((n) =>
  bytes(sealBytes(n)).map((seal) => {
    seal[69] = n;
    return seal;
  }),
);
const anyPlaintext: fc.Arbitrary<Plaintext> = fc.oneof(
  anyReading,
  fc.record({
    kind: fc.constant('quality' as const),
    flags,
    end: u32,
    minutes,
    voltageMin: u16,
    voltageMax: u16,
    voltageMean: u16,
    frequency: u16,
    powerFactor: fc.integer({ min: -1000, max: 1000 }),
  }),
  fc.record({ kind: fc.constant('event' as const), flags, code: fc.integer({ min: 1, max: 7 }), at: u32, value: u32 }),
  fc.record({ kind: fc.constant('seal' as const), flags, seal: anySeal }),
  fc.record({ kind: fc.constant('fin' as const), flags, confirmation: bytes(16) }),
);

const reading = (over: Partial<Extract<Plaintext, { kind: 'reading' }>> = {}): Plaintext => ({
  kind: 'reading',
  flags: FLAG.resent | FLAG.outage,
  channel: 2,
  end: 0x65010203,
  minutes: 15,
  register: 0x0102_0304_0506,
  head: bytesOf(8, 0xa1),
  deltas: [1, null, 3, 0xfffe],
  ...over,
});

describe('plaintext', () => {
  it('a reading lies at the offsets the hot path reads', () => {
    const plain = encodePlaintext(reading());
    expect(plain.toString('hex')).toBe(`01210204${'65010203'}${'0f'}${'010203040506'}${'a1a2a3a4a5a6a7a8'}${'0001ffff0003fffe'}00`);
    expect(plain.readUIntBE(READING.register, 6)).toBe(0x0102_0304_0506);
    expect(plain.readUInt16BE(READING.deltas + 2)).toBe(NULL_DELTA);
  });

  it('comes back as it went', () => {
    fc.assert(
      fc.property(anyPlaintext, (plain) => {
        const encoded = encodePlaintext(plain);
        expect(checkPlaintext(encoded)).toBe(true);
        expect(decodePlaintext(encoded)).toEqual(plain);
      }),
    );
  });

  it('its length follows from kind and count and never from a value', () => {
    const lengthOf = (plain: Plaintext) => sealFrame(headerOf(), keysOf(1), encodePlaintext(plain)).length;
    const wanted = (plain: Plaintext) => {
      if (plain.kind === 'reading') return plain.deltas.length <= 4 ? 81 : 370;
      return { quality: 113, event: 113, seal: 370, fin: 81 }[plain.kind];
    };
    fc.assert(
      fc.property(anyPlaintext, (plain) => {
        expect(lengthOf(plain)).toBe(wanted(plain));
      }),
    );
  });

  it('any bit set in the padding is refused', () => {
    fc.assert(
      fc.property(anyPlaintext, fc.nat(), fc.nat(7), (plain, place, bit) => {
        const encoded = encodePlaintext(plain);
        const used = { reading: 23 + 2 * (plain.kind === 'reading' ? plain.deltas.length : 0), quality: 17, event: 11, seal: 0, fin: 18 };
        const from = plain.kind === 'seal' ? 2 + plain.seal.length : used[plain.kind];
        fc.pre(from < encoded.length);
        encoded[from + (place % (encoded.length - from))]! |= 1 << bit;
        expect(checkPlaintext(encoded)).toBe(false);
        expect(refusal('ERR_FRAME_REFUSED', () => decodePlaintext(encoded))).toBe('plaintext');
      }),
    );
  });

  it('reserved flags, unknown kinds, other counts and other classes are refused', () => {
    const spoiled = (change: (bytes: Buffer) => void, plain = reading()) => {
      const encoded = encodePlaintext(plain);
      change(encoded);
      return checkPlaintext(encoded);
    };
    const set = (at: number, value: number) => (b: Buffer) => {
      b[at] = value;
    };
    expect(spoiled(() => {})).toBe(true);
    for (const flag of [0x40, 0x80]) expect(spoiled(set(1, flag))).toBe(false);
    for (const kind of [0, 6, 255]) expect(spoiled(set(0, kind))).toBe(false);
    for (const kind of [KIND.quality, KIND.event, KIND.seal]) expect(spoiled(set(0, kind))).toBe(false);
    for (const count of [0, 2, 3, 5, 24, 96, 255]) expect(spoiled(set(READING.count, count))).toBe(false);
    for (const every of [0, 7, 25, 61, 255]) expect(spoiled(set(READING.minutes, every))).toBe(false);
    const event: Plaintext = { kind: 'event', flags: 0, code: 1, at: 1, value: 0 };
    for (const code of [0, 8, 255]) expect(spoiled(set(2, code), event as never)).toBe(false);
  });

  it('every kind has one size class, and zeros behind it make no other of it', () => {
    const seal = Buffer.alloc(sealBytes(1));
    seal[69] = 1;
    const own: readonly (readonly [Plaintext, number])[] = [
      [reading({ deltas: [0] }), 32],
      [reading({ deltas: Array(24).fill(0) }), 320],
      [{ kind: 'quality', flags: 0, end: 0, minutes: 15, voltageMin: 0, voltageMax: 0, voltageMean: 0, frequency: 0, powerFactor: 0 }, 64],
      [{ kind: 'event', flags: 0, code: 1, at: 0, value: 0 }, 64],
      [{ kind: 'seal', flags: 0, seal }, 320],
      [{ kind: 'fin', flags: 0, confirmation: Buffer.alloc(16) }, 32],
    ];
    for (const [plain, length] of own) {
      const encoded = encodePlaintext(plain);
      expect(encoded.length).toBe(length);
      for (const other of [32, 64, 320])
        expect([plain.kind, checkPlaintext(Buffer.concat([encoded], other))]).toEqual([plain.kind, other === length]);
    }
  });

  it('a reading of the long class has 24 or 96 counts, and no other number of zeros', () => {
    const encoded = encodePlaintext(reading({ deltas: Array(96).fill(0) }));
    const counts = Array.from({ length: 256 }, (_, count) => count).filter((count) => {
      encoded[READING.count] = count;
      return checkPlaintext(encoded);
    });
    expect(counts).toEqual([24, 96]);
    const short = encodePlaintext(reading({ deltas: [0, 0, 0, 0] }));
    short[READING.count] = 1;
    expect(checkPlaintext(short)).toBe(true);
  });

  it('a quality record has whole intervals in its hour and a power factor of at most one', () => {
    const quality = (over: object) =>
      ({
        kind: 'quality',
        flags: 0,
        end: 1,
        minutes: 15,
        voltageMin: 1,
        voltageMax: 3,
        voltageMean: 2,
        frequency: 4,
        powerFactor: 0,
        ...over,
      }) as const;
    for (const powerFactor of [-1000, 1000])
      expect(decodePlaintext(encodePlaintext(quality({ powerFactor })))).toEqual(quality({ powerFactor }));
    for (const over of [
      { powerFactor: -1001 },
      { powerFactor: 1001 },
      { minutes: 7 },
      { minutes: 0 },
      { minutes: 61 },
      { voltageMax: 65_536 },
    ])
      expect(refusal('ERR_FRAME_REFUSED', () => encodePlaintext(quality(over)))).toBe('field');
  });

  it.each([0, 5, 255])('a seal of %i channels is none', (count) => {
    const seal = Buffer.alloc(sealBytes(1));
    seal[69] = 1;
    const encoded = encodePlaintext({ kind: 'seal', flags: 0, seal });
    encoded[2 + 69] = count;
    expect(checkPlaintext(encoded)).toBe(false);
    const plain = { kind: 'seal', flags: 0, seal: Buffer.alloc(sealBytes(count)).fill(count, 69, 70) } as const;
    expect(refusal('ERR_FRAME_REFUSED', () => encodePlaintext(plain))).toBe('field');
  });

  it('every event of the list is one, up to the last', () => {
    for (const code of [1, 7])
      expect(decodePlaintext(encodePlaintext({ kind: 'event', flags: 0, code, at: 1, value: 2 }))).toMatchObject({ code });
  });

  it('no length but its own, empty input included', () => {
    const encoded = encodePlaintext(reading());
    for (const length of [0, 1, 2, 31, 33, 64, 320]) expect(checkPlaintext(Buffer.concat([encoded], length))).toBe(false);
    for (const kind of [1, 2, 3, 4, 5]) {
      for (const length of [1, 2, 3, 16]) expect(checkPlaintext(Buffer.alloc(length, kind))).toBe(false);
    }
  });

  it.each([
    ['a delta of 65535', reading({ deltas: [0xffff] })],
    ['a negative delta', reading({ deltas: [-1] })],
    ['two deltas', reading({ deltas: [1, 2] })],
    ['a head of 7 bytes', reading({ head: Buffer.alloc(7) })],
    ['a register of 2^48', reading({ register: 2 ** 48 })],
    ['reserved flags', reading({ flags: 0x40 })],
    ['flags over a byte', reading({ flags: 0x100 })],
    ['channel 256', reading({ channel: 256 })],
    ['an unknown event', { kind: 'event', flags: 0, code: 8, at: 1, value: 0 } as const],
    ['a confirmation of 15 bytes', { kind: 'fin', flags: 0, confirmation: Buffer.alloc(15) } as const],
    ['a confirmation of 17 bytes', { kind: 'fin', flags: 0, confirmation: Buffer.alloc(17) } as const],
    ['a head of 9 bytes', reading({ head: Buffer.alloc(9) })],
    ['a seal and a zero behind it', { kind: 'seal', flags: 0, seal: Buffer.alloc(181).fill(1, 69, 70) } as const],
    ['a seal that lacks its last byte', { kind: 'seal', flags: 0, seal: Buffer.alloc(179).fill(1, 69, 70) } as const],
    ['a seal of some bytes', { kind: 'seal', flags: 0, seal: Buffer.alloc(5) } as const],
    ['a seal of no known length', { kind: 'seal', flags: 0, seal: Buffer.alloc(200) } as const],
  ])('refuses to encode %s', (_name, plain) => {
    expect(refusal('ERR_FRAME_REFUSED', () => encodePlaintext(plain))).toBe('field');
  });
});
