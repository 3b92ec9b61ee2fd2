import { Encoder } from 'cbor-x/index-no-eval';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvents, EVENT_SCHEMAS, encodeEvents } from '../../events/codec.ts';
import { inPlanes } from '../../events/frame-columns.ts';
import type { FrameColumns, FramesAccepted } from '../../events/index.ts';
import { RECORD_BYTES } from '../../events/index.ts';

const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((given) => Buffer.from(given));

const anyFrames: fc.Arbitrary<FrameColumns> = fc.array(fc.constantFrom<0 | 1 | 2>(0, 1, 2), { maxLength: 40 }).chain((sizes) => {
  const count = sizes.length;
  return fc.record({
    count: fc.constant(count),
    member: exactly(count * 2),
    header: exactly(count * 20),
    tag: exactly(count * 4),
    plaintext: exactly(sizes.reduce<number>((sum, size) => sum + RECORD_BYTES[size], 0)),
    sizeClass: fc.constant(Buffer.from(sizes)),
    annotations: exactly(count * 4),
    receivedAt: exactly(count * 4),
  });
});

const batch = { dcId: 'dc1', sequence: 1, digest: Buffer.alloc(8) };
const accepted = (frames: FrameColumns): FramesAccepted => ({ batch, brokerTime: 1, frames, duplicates: 0, slotsRepeated: 0 });
/** Two frames of class 0 whose bytes say which frame and which byte they are. */
const TWO: FrameColumns = {
  count: 2,
  member: Buffer.from('01001100', 'hex'),
  header: Buffer.from([...Array(20).keys(), ...Array.from({ length: 20 }, (_, i) => 100 + i)]),
  tag: Buffer.from('a0a1a2a3b0b1b2b3', 'hex'),
  plaintext: Buffer.from([...Array(32).keys(), ...Array.from({ length: 32 }, (_, i) => 200 + i)]),
  sizeClass: Buffer.from([0, 0]),
  annotations: Buffer.alloc(8),
  receivedAt: Buffer.alloc(8),
};

describe('columns of frames in a body', () => {
  it('come back byte by byte, whatever the sizes of the frames', () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const events = [
          { type: 'FramesAccepted', data: accepted(frames) },
          { type: 'FramesHeld', data: { batch, brokerTime: 1, frames, reasons: Buffer.alloc(frames.count) } },
        ] as const;
        for (const form of ['rows', 'planes'] as const) expect(decodeEvents(encodeEvents(events, form), form)).toEqual(events);
      }),
    );
  });

  it('lie plane by plane: the first bytes of all frames, then the second ones', () => {
    const { frames } = inPlanes(accepted(TWO));
    expect(Buffer.from(frames.tag).toString('hex')).toBe('a0b0a1b1a2b2a3b3');
    expect([...frames.header.subarray(0, 6)]).toEqual([0, 100, 1, 101, 2, 102]);
    expect([...frames.plaintext.subarray(60)]).toEqual([30, 230, 31, 231]);
  });

  it('in planes that do not fit their frames are not read', () => {
    for (const name of ['member', 'header', 'tag', 'plaintext', 'sizeClass', 'annotations', 'receivedAt'] as const) {
      const frames = { ...TWO, [name]: TWO[name].subarray(1) };
      const body = encoder.encode([['FramesAccepted', 2, accepted(frames)]]);
      expect(() => decodeEvents(body, 'planes'), name).toThrow(expect.objectContaining({ code: 'ERR_EVENTS_UNREADABLE' }));
    }
    for (const data of [null, 7, {}, { frames: null }, { frames: { ...TWO, sizeClass: Buffer.from([0, 9]) } }]) {
      const body = encoder.encode([['FramesHeld', 2, data]]);
      expect(() => decodeEvents(body, 'planes')).toThrow(expect.objectContaining({ code: 'ERR_EVENTS_UNREADABLE' }));
    }
  });

  it('recorded under schema 1, with whole tags, are read as those of today', () => {
    expect([EVENT_SCHEMAS.FramesAccepted, EVENT_SCHEMAS.FramesHeld]).toEqual([2, 2]);
    const whole = Buffer.concat([TWO.tag.subarray(0, 4), Buffer.alloc(12, 1), TWO.tag.subarray(4), Buffer.alloc(12, 2)]);
    const old = encoder.encode([['FramesAccepted', 1, accepted({ ...TWO, tag: whole })]]);
    expect(decodeEvents(old)).toEqual([{ type: 'FramesAccepted', data: accepted(TWO) }]);
  });
});
