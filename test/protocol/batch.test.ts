import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BATCH_HEAD_BYTES,
  BATCH_LIMIT,
  batchBytesOf,
  encodeBatch,
  encodeParcel,
  PARCEL_LIMIT,
  parcelBytesOf,
  readBatch,
  readParcel,
  TO_CONCENTRATOR,
} from '../../protocol/batch.ts';
import { bytesOf, METER_A, METER_B, refusal } from './support.ts';

const refusedAs = (attempt: () => unknown) => refusal('ERR_BATCH_REFUSED', attempt);
const anyBytes = fc.uint8Array({ maxLength: 400 }).map((b) => Buffer.from(b));
const frames = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => ({ receivedAt: 1_700_000_000_000 + i, bytes: bytesOf(length, i) }));

describe('batch', () => {
  it('comes back as it went, frames of any length and content', () => {
    const anyFrame = fc.record({ receivedAt: fc.nat(2 ** 48 - 1), bytes: anyBytes });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), fc.array(anyFrame, { minLength: 1, maxLength: 60 }), (sequence, all) => {
        const batch = readBatch(encodeBatch(sequence, all));
        const back = all.map((_, i) => ({
          receivedAt: batch.receivedAt[i],
          bytes: Buffer.from(batch.bytes.subarray(batch.offset[i], batch.offset[i]! + batch.length[i]!)),
        }));
        expect([batch.sequence, batch.count]).toEqual([sequence, all.length]);
        expect(back).toEqual(all);
      }),
    );
  });

  it('its layout is the documented one', () => {
    const bytes = encodeBatch(0x0102_0304_0506, [{ receivedAt: 0x018b_cfe5_6800, bytes: Buffer.from('aabbcc', 'hex') }]);
    expect(bytes.toString('hex')).toBe('4a4b4231' + '010203040506' + '0001' + '018bcfe56800' + '0003' + 'aabbcc');
  });

  it('A7: over 500 frames or 64 KiB is refused on both sides', () => {
    const most = Math.floor((BATCH_LIMIT.bytes - BATCH_HEAD_BYTES) / batchBytesOf(370));
    expect(readBatch(encodeBatch(1, frames(500, 81))).count).toBe(500);
    expect(readBatch(encodeBatch(1, frames(most, 370))).count).toBe(most);
    expect(refusedAs(() => encodeBatch(1, frames(501, 81)))).toBe('limit');
    expect(refusedAs(() => encodeBatch(1, frames(most + 1, 370)))).toBe('limit');
    expect(refusedAs(() => encodeBatch(1, []))).toBe('limit');
    expect(refusedAs(() => readBatch(Buffer.alloc(BATCH_LIMIT.bytes + 1)))).toBe('size');
    const tooMany = Buffer.concat([encodeBatch(1, frames(500, 0)), Buffer.alloc(8)]);
    tooMany.writeUInt16BE(501, 10);
    expect(refusedAs(() => readBatch(tooMany))).toBe('layout');
  });

  it('A7: exactly 64 KiB, 500 frames of nothing, and the highest sequence and time are still a batch', () => {
    const full = encodeBatch(2 ** 48 - 1, [...frames(172, 370), { receivedAt: 2 ** 48 - 1, bytes: bytesOf(500) }]);
    expect(full.length).toBe(BATCH_LIMIT.bytes);
    const batch = readBatch(full);
    expect([batch.sequence, batch.count, batch.receivedAt[172], batch.length[172]]).toEqual([2 ** 48 - 1, 173, 2 ** 48 - 1, 500]);
    expect(readBatch(encodeBatch(1, frames(500, 0))).length.every((length) => length === 0)).toBe(true);
    expect(readBatch(encodeBatch(1, [{ receivedAt: 0, bytes: bytesOf(1) }])).receivedAt[0]).toBe(0);
  });

  it('is refused for its size below its head, and for its layout from there on', () => {
    const bytes = encodeBatch(9, frames(1, 81));
    expect([0, 11, 12, 19].map((length) => refusedAs(() => readBatch(bytes.subarray(0, length))))).toEqual([
      'size',
      'size',
      'layout',
      'layout',
    ]);
  });

  it('A1, A3, A4: empty, cut at every offset, or followed by anything: refused', () => {
    const bytes = encodeBatch(9, frames(3, 81));
    for (let length = 0; length < bytes.length; length++) refusedAs(() => readBatch(bytes.subarray(0, length)));
    for (let extra = 1; extra <= 64; extra++)
      expect(refusedAs(() => readBatch(Buffer.concat([bytes, Buffer.alloc(extra)])))).toBe('layout');
  });

  it('A13: JSON or base64 text is no batch', () => {
    for (const text of ['{"frames":[]}', encodeBatch(1, frames(2, 81)).toString('base64')]) {
      expect(refusedAs(() => readBatch(Buffer.from(text)))).toBe('layout');
    }
  });

  it('no frames, sequence 0, and lengths that point outside are refused', () => {
    const change = (write: (bytes: Buffer) => void) => {
      const bytes = encodeBatch(9, frames(2, 81));
      write(bytes);
      return refusedAs(() => readBatch(bytes));
    };
    expect(change((b) => b.writeUInt16BE(0, 10))).toBe('layout');
    expect(change((b) => b.writeUInt16BE(1, 10))).toBe('layout');
    expect(change((b) => b.writeUInt16BE(3, 10))).toBe('layout');
    expect(change((b) => b.writeUInt16BE(0xffff, 18))).toBe('layout');
    expect(change((b) => b.writeUIntBE(0, 4, 6))).toBe('layout');
    expect(refusedAs(() => encodeBatch(0, frames(1, 81)))).toBe('sequence');
    expect(refusedAs(() => encodeBatch(2 ** 48, frames(1, 81)))).toBe('sequence');
    for (const receivedAt of [-1, 0.5, 2 ** 48, Number.NaN])
      expect(refusedAs(() => encodeBatch(1, [{ receivedAt, bytes: bytesOf(1) }]))).toBe('time');
    for (const sequence of [-1, 0.5]) expect(refusedAs(() => encodeBatch(sequence, frames(1, 81)))).toBe('sequence');
  });

  it('random bytes are refused or read to their last byte, and never past it', () => {
    const magic = Buffer.from('4a4b4231', 'hex');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (tail) => {
        const bytes = Buffer.concat([magic, tail]);
        try {
          const batch = readBatch(bytes);
          expect(batch.offset.at(-1)! + batch.length.at(-1)!).toBe(bytes.length);
        } catch {
          refusedAs(() => readBatch(bytes));
        }
      }),
    );
  });
});

describe('parcel', () => {
  it('comes back as it went', () => {
    const item = fc.record({ meterId: fc.constantFrom(METER_A, METER_B, TO_CONCENTRATOR), bytes: anyBytes });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 40 }), (items) => {
        expect(readParcel(encodeParcel(items))).toEqual(items);
      }),
    );
  });

  it('is at most 100 KB and 1000 items', () => {
    const item = { meterId: METER_A, bytes: bytesOf(4096) };
    const most = Math.floor((PARCEL_LIMIT.bytes - 6) / parcelBytesOf(4096));
    expect(readParcel(encodeParcel(Array(most).fill(item)))).toHaveLength(most);
    expect(refusedAs(() => encodeParcel(Array(most + 1).fill(item)))).toBe('limit');
    expect(refusedAs(() => encodeParcel(Array(1001).fill({ meterId: METER_A, bytes: Buffer.alloc(0) })))).toBe('limit');
    expect(refusedAs(() => encodeParcel([]))).toBe('limit');
    expect(refusedAs(() => encodeParcel([{ meterId: 'nobody', bytes: bytesOf(1) }]))).toBe('meter-id');
    expect(refusedAs(() => readParcel(Buffer.alloc(PARCEL_LIMIT.bytes + 1)))).toBe('size');
  });

  it('of exactly 100 KB, or of 1000 items of nothing, is still one', () => {
    const item = { meterId: METER_A, bytes: bytesOf(4096) };
    const full = encodeParcel([...Array(24).fill(item), { meterId: METER_B, bytes: bytesOf(3840) }]);
    expect([full.length, readParcel(full).length]).toEqual([PARCEL_LIMIT.bytes, 25]);
    expect(readParcel(encodeParcel(Array(1000).fill({ meterId: METER_A, bytes: Buffer.alloc(0) })))).toHaveLength(1000);
  });

  it('of no item, of more than 1000, or below its head is refused by who reads it', () => {
    const bytes = encodeParcel(Array(1000).fill({ meterId: METER_A, bytes: Buffer.alloc(0) }));
    const none = Buffer.from(bytes.subarray(0, 6));
    none.writeUInt16BE(0, 4);
    const more = Buffer.concat([bytes, Buffer.alloc(10)]);
    more.writeUInt16BE(1001, 4);
    expect([none, more].map((attempt) => refusedAs(() => readParcel(attempt)))).toEqual(['layout', 'layout']);
    expect([0, 5, 6, 15].map((length) => refusedAs(() => readParcel(bytes.subarray(0, length))))).toEqual([
      'size',
      'size',
      'layout',
      'layout',
    ]);
  });

  it.each([`${METER_A}0`, `0${METER_A}`, METER_A.slice(1), METER_A.toUpperCase(), `${METER_A}\n`, ''])('knows no meter %j', (meterId) => {
    expect(refusedAs(() => encodeParcel([{ meterId, bytes: bytesOf(1) }]))).toBe('meter-id');
  });

  it('cut at every offset, or followed by anything: refused', () => {
    const bytes = encodeParcel([
      { meterId: METER_A, bytes: bytesOf(30) },
      { meterId: METER_B, bytes: bytesOf(5) },
    ]);
    for (let length = 0; length < bytes.length; length++) refusedAs(() => readParcel(bytes.subarray(0, length)));
    expect(refusedAs(() => readParcel(Buffer.concat([bytes, Buffer.of(0)])))).toBe('layout');
    expect(refusedAs(() => readParcel(encodeBatch(1, frames(2, 81))))).toBe('layout');
    const another = Buffer.from(bytes);
    another.write('JKP2', 'latin1');
    expect(refusedAs(() => readParcel(another))).toBe('layout');
  });
});
