import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameOpener, sealFrame } from '../../protocol/frame.ts';
import { decodePlaintext, encodePlaintext } from '../../protocol/plaintext.ts';
import {
  CLOCK,
  chainStep,
  chainStepOver,
  type DailySeal,
  dayChainStart,
  decodeRecord,
  encodeRecord,
  encodeSeal,
  MAX_SEAL_CHANNELS,
  type ProfileRecord,
  parseSeal,
  sealBytes,
  sealHash,
  sealHeadStart,
  verifySeal,
} from '../../protocol/profile.ts';
import { bytesOf, flips, headerOf, identity, keysOf, METER_A, METER_B, refusal } from './support.ts';

const refusedAs = (attempt: () => unknown) => refusal('ERR_SEAL_REFUSED', attempt);
const meter = identity();

const sealOf = (channels = 2, over: Partial<DailySeal> = {}): DailySeal => ({
  meterId: METER_A,
  tableVersion: 3,
  day: 19_675,
  start: 1_699_920_000,
  end: 1_700_006_400,
  clockStatus: CLOCK.set,
  salt: bytesOf(16, 0x40),
  previous: bytesOf(32, 0x80),
  channels: Array.from({ length: channels }, (_, i) => ({
    headEnd: bytesOf(32, i),
    registerStart: 100 * i,
    registerEnd: 2 ** 48 - 1 - i,
    slots: 96,
  })),
  ...over,
});

describe('records', () => {
  it('are 13 bytes, byte-exact both ways', () => {
    const record = fc.record({
      end: fc.nat(0xffffffff),
      register: fc.nat(2 ** 48 - 1),
      value: fc.option(fc.nat(0xfffe), { nil: null }),
      flags: fc.nat(255),
    });
    fc.assert(
      fc.property(record, (any) => {
        const bytes = encodeRecord(any);
        expect([bytes.length, decodeRecord(bytes)]).toEqual([13, any]);
        expect(encodeRecord(decodeRecord(bytes))).toEqual(bytes);
      }),
    );
    expect(encodeRecord({ end: 0x01020304, register: 0x0506_0708_090a, value: null, flags: 0x21 }).toString('hex')).toBe(
      '0102030405060708090affff21',
    );
  });

  it.each([{ value: 0xffff }, { value: -1 }, { value: 0.5 }, { register: 2 ** 48 }, { end: -1 }])('refuses %o', (over) => {
    expect(() => encodeRecord({ end: 1, register: 1, value: 1, flags: 0, ...over })).toThrow(RangeError);
  });

  it('refuses to decode another length', () => {
    for (const length of [0, 12, 14]) expect(() => decodeRecord(Buffer.alloc(length))).toThrow(RangeError);
  });
});

describe('chain', () => {
  const start = dayChainStart(METER_A, 0, 1_699_920_000, bytesOf(16));
  const hour = (first: number): Buffer[] =>
    [1, 2, 3, 4].map((slot) =>
      encodeRecord({ end: first + slot * 900, register: first + slot, value: slot, flags: 0 } satisfies ProfileRecord),
    );

  it('is SHA-256 over what the documents say', () => {
    const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const place = Buffer.from(`${METER_A}00${(1_699_920_000).toString(16).padStart(8, '0')}`, 'hex');
    expect(start).toEqual(sha256(Buffer.from('JK1 chain day'), place, bytesOf(16)));
    expect(chainStep(start, hour(0))).toEqual(sha256(start, ...hour(0)));
    expect(chainStep(start, [])).toEqual(sha256(start));
    expect(chainStepOver(Buffer.concat([start, ...hour(0)]))).toEqual(chainStep(start, hour(0)));
  });

  it('any changed, dropped, added or swapped record of a day changes its last head', () => {
    const day = Array.from({ length: 24 }, (_, h) => hour(h * 3600));
    const head = (hours: Buffer[][]) => hours.reduce((previous, records) => chainStep(previous, records), start).toString('hex');
    const honest = head(day);
    fc.assert(
      fc.property(fc.nat(23), fc.nat(3), fc.nat(103), (h, slot, bit) => {
        const copy = () => day.map((records) => records.map((record) => Buffer.from(record)));
        const altered = copy();
        altered[h]![slot]![bit >> 3]! ^= 1 << (bit & 7);
        const dropped = copy();
        dropped[h]!.splice(slot, 1);
        const doubled = copy();
        doubled[h]!.splice(slot, 0, Buffer.from(doubled[h]![slot]!));
        const swapped = copy();
        swapped[h]!.reverse();
        const moved = copy();
        moved[h === 0 ? 1 : h - 1]!.push(moved[h]!.pop()!);
        for (const rewritten of [altered, dropped, doubled, swapped, moved]) expect(head(rewritten)).not.toBe(honest);
      }),
      { numRuns: 30 },
    );
    expect(head(day)).toBe(honest);
  });

  it('starts differ by meter, channel, day and salt', () => {
    const others = [
      dayChainStart(METER_B, 0, 1_699_920_000, bytesOf(16)),
      dayChainStart(METER_A, 1, 1_699_920_000, bytesOf(16)),
      dayChainStart(METER_A, 0, 1_699_920_001, bytesOf(16)),
      dayChainStart(METER_A, 0, 1_699_920_000, bytesOf(16, 2)),
    ];
    expect(new Set([start, ...others].map((head) => head.toString('hex'))).size).toBe(5);
    expect(() => dayChainStart(METER_A, 0, 1, bytesOf(15))).toThrow(RangeError);
  });
});

describe('daily seal', () => {
  it.each([1, 2, 3, 4])('of %i channels fits a frame, comes back and verifies', async (channels) => {
    const signed = await encodeSeal(sealOf(channels), meter.sign);
    const frame = sealFrame(headerOf(), keysOf(1), encodePlaintext({ kind: 'seal', flags: 0, seal: signed.bytes }));
    const opened = decodePlaintext(new FrameOpener().open(frame, 0, frame.length, keysOf(1))!);
    const parsed = parseSeal(opened.kind === 'seal' ? opened.seal : Buffer.alloc(0));
    expect([frame.length, signed.bytes.length]).toEqual([370, sealBytes(channels)]);
    expect(parsed.seal).toEqual(sealOf(channels));
    expect(parsed.bytes).toEqual(signed.bytes);
    expect(verifySeal(parsed, meter.publicKey)).toBe(true);
  });

  it('every flipped bit is refused or fails to verify', async () => {
    const { bytes } = await encodeSeal(sealOf(), meter.sign);
    const passed = [...flips(bytes)].filter(({ flipped }) => {
      try {
        return verifySeal(parseSeal(flipped), meter.publicKey);
      } catch {
        return false;
      }
    });
    expect(passed).toEqual([]);
  });

  it('holds the lowest and the highest of every field', async () => {
    const channel = { headEnd: bytesOf(32), registerStart: 0, registerEnd: 2 ** 48 - 1, slots: 0xffff };
    const highest = { tableVersion: 0xffff, day: 0xffff, start: 2 ** 32 - 2, end: 2 ** 32 - 1, clockStatus: 3, channels: [channel] };
    const lowest = { tableVersion: 0, day: 0, start: 0, end: 1, clockStatus: 0, channels: [{ ...channel, registerEnd: 0, slots: 0 }] };
    for (const over of [highest, lowest]) {
      const seal = sealOf(1, over);
      expect(parseSeal((await encodeSeal(seal, meter.sign)).bytes).seal).toEqual(seal);
    }
  });

  it.each(
    [-1, 0.5, 2 ** 48, Number.NaN].flatMap((value) => [
      { tableVersion: value },
      { day: value },
      { start: value },
      { end: value },
      { clockStatus: value },
      ...['registerStart', 'registerEnd', 'slots'].map((name) => ({ channels: [{ ...sealOf(1).channels[0]!, [name]: value }] })),
    ]),
  )('is not made with %j', async (over) => {
    await expect(encodeSeal(sealOf(1, over), meter.sign)).rejects.toMatchObject({ code: 'ERR_SEAL_REFUSED' });
  });

  it.each([
    { tableVersion: 0x1_0000 },
    { day: 0x1_0000 },
    { clockStatus: 4 },
    { end: 2 ** 32 },
    { start: 2 ** 32, end: 2 ** 32 + 1 },
    { meterId: `${METER_A}0` },
    { meterId: `0${METER_A}` },
    { meterId: METER_A.toUpperCase() },
    { salt: bytesOf(17) },
    { previous: bytesOf(33) },
    { channels: [{ ...sealOf(1).channels[0]!, slots: 0x1_0000 }] },
    ...[31, 33].map((length) => ({ channels: [sealOf(1).channels[0]!, { ...sealOf(1).channels[0]!, headEnd: bytesOf(length) }] })),
  ])('is not made with %j either', async (over) => {
    await expect(encodeSeal(sealOf(1, over), meter.sign)).rejects.toMatchObject({ code: 'ERR_SEAL_REFUSED' });
  });

  it('of no channel and of five are refused, whatever their length says', async () => {
    const { bytes } = await encodeSeal(sealOf(4), meter.sign);
    const none = Buffer.concat([bytes.subarray(0, 69), Buffer.of(0), bytes.subarray(-64)]);
    const five = Buffer.concat([bytes.subarray(0, 69), Buffer.of(5), bytes.subarray(70, -64), bytesOf(46), bytes.subarray(-64)]);
    expect([none.length, five.length]).toEqual([sealBytes(0), sealBytes(5)]);
    for (const attempt of [none, five, Buffer.alloc(0)]) expect(refusedAs(() => parseSeal(attempt))).toBe('layout');
  });

  it('of another meter does not verify', async () => {
    const signed = parseSeal((await encodeSeal(sealOf(), identity().sign)).bytes);
    expect(verifySeal(signed, meter.publicKey)).toBe(false);
  });

  it('the head at the start follows from signed fields', () => {
    expect(sealHeadStart(sealOf(), 1)).toEqual(dayChainStart(METER_A, 1, 1_699_920_000, bytesOf(16, 0x40)));
  });

  it('names the one before by the hash of its exact bytes', async () => {
    const first = await encodeSeal(sealOf(1, { previous: Buffer.alloc(32) }), meter.sign);
    const second = await encodeSeal(sealOf(1, { previous: sealHash(first.bytes) }), meter.sign);
    expect(parseSeal(second.bytes).seal.previous).toEqual(createHash('sha256').update(first.bytes).digest());
  });

  it('another length, no channel, a fifth channel, unknown clock bits, an end before the start: refused', async () => {
    const { bytes } = await encodeSeal(sealOf(), meter.sign);
    const change = (at: number, value: number) => {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      return refusedAs(() => parseSeal(changed));
    };
    for (let length = 0; length < bytes.length; length++) refusedAs(() => parseSeal(bytes.subarray(0, length)));
    refusedAs(() => parseSeal(Buffer.concat([bytes, Buffer.of(0)])));
    expect([change(69, 0), change(69, 1), change(69, 5), change(69, 255)]).toEqual(Array(4).fill('layout'));
    expect([change(20, 4), change(20, 0x80), change(16, 0)]).toEqual(Array(3).fill('layout'));
    for (const over of [
      { end: sealOf().start },
      { salt: bytesOf(15) },
      { previous: bytesOf(31) },
      { channels: [] },
      { meterId: 'x' },
      { day: 70_000 },
    ]) {
      await expect(encodeSeal(sealOf(2, over), meter.sign)).rejects.toMatchObject({ code: 'ERR_SEAL_REFUSED' });
    }
    await expect(encodeSeal(sealOf(MAX_SEAL_CHANNELS + 1), meter.sign)).rejects.toMatchObject({ code: 'ERR_SEAL_REFUSED' });
  });
});
