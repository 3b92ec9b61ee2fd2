import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkFrame,
  FRAME_BAD_ALGORITHM,
  FRAME_BAD_LAYOUT,
  FRAME_BYTES,
  FRAME_OK,
  FrameOpener,
  PLAINTEXT_BYTES,
  sealFrame,
} from '../../protocol/frame.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { bytesOf, headerOf, keysOf, METER_A } from './support.ts';

const opener = new FrameOpener({ verifyTag: defencesUnderTest().frameTag });
const keys = keysOf(7);
const SIZES = [0, 1, 2] as const;

const accepted = (bytes: Buffer): boolean =>
  checkFrame(bytes, 0, bytes.length) === FRAME_OK && opener.open(bytes, 0, bytes.length, keys) !== undefined;
const sealed = (sizeClass: 0 | 1 | 2) => sealFrame(headerOf(), keys, bytesOf(PLAINTEXT_BYTES[sizeClass]));

describe('hostile bytes', () => {
  const refusedByLayout = (bytes: Buffer) => checkFrame(bytes, 0, bytes.length) === FRAME_BAD_LAYOUT && !accepted(bytes);

  it('A1, A2: nothing, and a lone 0x83', () => {
    expect(refusedByLayout(Buffer.alloc(0))).toBe(true);
    expect(refusedByLayout(Buffer.of(0x83))).toBe(true);
  });

  it('A7: any length but the three', () => {
    const template = sealed(2);
    for (let length = 0; length <= 600; length++) {
      const bytes = Buffer.alloc(length);
      template.copy(bytes);
      expect(refusedByLayout(bytes)).toBe(length !== 370);
    }
  });

  it('A10: a protected map with a fourth label, even at one of the three lengths', () => {
    const frame = sealed(0);
    const header = Buffer.concat([Buffer.of(0xa4), frame.subarray(4, 30), Buffer.of(0x18, 0x63, 0x00)]);
    const longer = Buffer.concat([Buffer.of(0x83, 0x58, header.length), header, frame.subarray(30)]);
    const atLength = Buffer.from(frame);
    atLength[3] = 0xa4;
    expect(refusedByLayout(longer)).toBe(true);
    expect(refusedByLayout(longer.subarray(0, 81))).toBe(true);
    expect(refusedByLayout(atLength)).toBe(true);
  });

  it('A13: JSON and base64 text of the length of a frame', () => {
    const json = Buffer.from(JSON.stringify({ meterId: METER_A, value: 1 }).padEnd(81));
    const base64 = Buffer.from(sealed(0).toString('base64'));
    for (const text of [json, base64, base64.subarray(0, 81), base64.subarray(0, 113)]) expect(refusedByLayout(text)).toBe(true);
  });

  it('B1: algorithms 1, 0, -7 and 24 are refused before any key is looked at', () => {
    for (const algorithm of [0x01, 0x00, 0x26]) {
      const frame = sealed(0);
      frame[5] = algorithm;
      expect(checkFrame(frame, 0, 81)).toBe(FRAME_BAD_ALGORITHM);
      expect(accepted(frame)).toBe(false);
    }
    const wide = Buffer.concat([sealed(0).subarray(0, 5), Buffer.of(0x18, 24), sealed(0).subarray(6)]);
    expect(refusedByLayout(wide)).toBe(true);
    expect(refusedByLayout(wide.subarray(0, 81))).toBe(true);
  });

  it('B2: a tag cut to 12, 8, 4 or 0 bytes, with the payload head telling so or not', () => {
    for (const sizeClass of SIZES) {
      for (const kept of [12, 8, 4, 0]) {
        const cut = Buffer.from(sealed(sizeClass).subarray(0, FRAME_BYTES[sizeClass] - 16 + kept));
        expect(refusedByLayout(cut)).toBe(true);
        const told = Buffer.from(cut);
        told[sizeClass === 2 ? 33 : 32]! -= 16 - kept;
        expect(refusedByLayout(told)).toBe(true);
      }
    }
  });

  it('an unprotected header, a CBOR tag, a longer form of a length: refused', () => {
    const frame = sealed(0);
    const unprotected = Buffer.concat([frame.subarray(0, 30), Buffer.from('a1054101', 'hex'), frame.subarray(31)]);
    const tagged = Buffer.concat([Buffer.of(0xd0), frame]);
    const longForm = Buffer.concat([frame.subarray(0, 31), Buffer.of(0x59, 0x00, 0x30), frame.subarray(33)]);
    for (const bytes of [unprotected, tagged, longForm, unprotected.subarray(0, 81), tagged.subarray(0, 81), longForm.subarray(0, 81)]) {
      expect(refusedByLayout(Buffer.from(bytes))).toBe(true);
    }
  });

  it('a generation, epoch or counter out of range never starts a ratchet', () => {
    for (const [at, length, value] of [
      [18, 1, 14],
      [18, 1, 255],
      [16, 2, 0],
      [25, 5, 0],
    ] as const) {
      const frame = sealed(0);
      frame.writeUIntBE(value, at, length);
      expect(refusedByLayout(frame)).toBe(true);
    }
  });

  it('random bytes never look like a frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(accepted(Buffer.from(bytes))).toBe(false);
      }),
    );
  });
});

describe('a clear reading', () => {
  it('C10.1-4: is refused, bare or dressed as an encrypted one (B8)', () => {
    const clear = encodePlaintext({
      kind: 'reading',
      flags: 0,
      channel: 0,
      end: 1_700_000_100,
      minutes: 15,
      register: 5,
      head: Buffer.alloc(8),
      deltas: [5],
    });
    const dressed = sealed(0);
    clear.copy(dressed, 33);
    const clearWithZeroTag = Buffer.from(dressed);
    clearWithZeroTag.fill(0, 65);
    const padded = Buffer.alloc(81);
    clear.copy(padded);
    for (const bytes of [clear, padded, dressed, clearWithZeroTag]) expect(accepted(bytes)).toBe(false);
  });
});
