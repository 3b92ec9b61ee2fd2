import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cborArray, cborBytes, cborText } from '../../protocol/cbor.ts';
import {
  CONTEXT,
  isP256,
  looksMaced,
  looksSigned,
  lowS,
  MESSAGE_LIMIT,
  macMatches,
  macMessage,
  parseMaced,
  parseSigned,
  signMessage,
  verifySignature,
} from '../../protocol/cose.ts';
import { bytesOf, identity, refusal } from './support.ts';

const CODE = 'ERR_HANDSHAKE_REFUSED';
const meter = identity();
const macKey = createSecretKey(Buffer.alloc(32, 5));

describe('a signature', () => {
  it('verifies whatever r and s begin with: zeros, a top bit, a top bit behind zeros', async () => {
    const beginnings: readonly ((r: Buffer, s: Buffer) => boolean)[] = [
      (r) => r[0]! > 0x80,
      (r) => r[0]! === 0x80,
      (r) => r[0]! === 0x7f,
      (r) => r[0] === 0 && r[1]! >= 0x80,
      (r) => r[0] === 0 && r[1]! < 0x80,
      (_, s) => s[0] === 0 && s[1]! >= 0x80,
      (_, s) => s[0] === 0 && s[1]! < 0x80,
    ];
    const missing = new Set(beginnings);
    for (let message = 0; missing.size > 0; message++) {
      const tbs = Buffer.from(`message ${message}`);
      const signature = await meter.sign(tbs);
      const met = [...missing].filter((begins) => begins(signature.subarray(0, 32), signature.subarray(32)));
      if (met.length === 0) continue;
      for (const begins of met) missing.delete(begins);
      expect(verifySignature(tbs, signature, meter.publicKey)).toBe(true);
      expect(verifySignature(Buffer.concat([tbs, Buffer.of(0)]), signature, meter.publicKey)).toBe(false);
    }
  });

  it('with a high S that leaves next to nothing of n is turned into 32 bytes all the same', () => {
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const high = (n - 5n).toString(16);
    expect(lowS(Buffer.concat([bytesOf(32), Buffer.from(high, 'hex')]))).toEqual(
      Buffer.concat([bytesOf(32), Buffer.alloc(31), Buffer.of(5)]),
    );
    const half = Buffer.concat([bytesOf(32), Buffer.from((n >> 1n).toString(16).padStart(64, '0'), 'hex')]);
    expect(lowS(half)).toBe(half);
  });

  it.each([0, 63, 65])('of %i bytes is none', (length) => {
    expect(() => lowS(Buffer.alloc(length))).toThrow(RangeError);
    expect(verifySignature(bytesOf(3), Buffer.alloc(length, 1), meter.publicKey)).toBe(false);
  });

  it('is made by P-256 keys and no other, however often one asks', () => {
    const others = [
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
      generateKeyPairSync('x25519').publicKey,
      macKey,
    ];
    for (const key of [...others, ...others]) expect(isP256(key)).toBe(false);
    for (const key of [meter.publicKey, meter.publicKey, meter.privateKey]) expect(isP256(key)).toBe(true);
  });
});

describe('a message of at most 4 KB', () => {
  const read = (payload: { bytes(min: number, max: number): Buffer }) => payload.bytes(0, MESSAGE_LIMIT);
  const parsed = (bytes: Buffer) => parseSigned(bytes, CONTEXT.hello, CODE, read);
  const signed = async (payload: Buffer) => (await signMessage(CONTEXT.hello, undefined, payload, meter.sign)).bytes;

  it('may have all of them, signed or under a MAC, and not one more', async () => {
    const overhead = (await signed(cborBytes(bytesOf(1000)))).length - 1000;
    const most = await signed(cborBytes(Buffer.alloc(MESSAGE_LIMIT - overhead)));
    expect([most.length, parsed(most).message.length]).toEqual([MESSAGE_LIMIT, MESSAGE_LIMIT - overhead]);
    const over = await signed(cborBytes(Buffer.alloc(MESSAGE_LIMIT - overhead + 1)));
    expect(refusal(CODE, () => parsed(over))).toBe('size');
    const frame = macMessage(CONTEXT.down, bytesOf(1000), macKey).length - 1000;
    const payload = Buffer.alloc(MESSAGE_LIMIT - frame, 7);
    expect(parseMaced(macMessage(CONTEXT.down, payload, macKey), CODE).payload).toEqual(payload);
    const longer = macMessage(CONTEXT.down, Buffer.alloc(MESSAGE_LIMIT - frame + 1), macKey);
    expect(refusal(CODE, () => parseMaced(longer, CODE))).toBe('size');
  });

  it('has a payload, and nothing behind it, inside or outside', async () => {
    const inside = await signed(Buffer.concat([cborBytes(bytesOf(3)), Buffer.of(0)]));
    const outside = Buffer.concat([await signed(cborBytes(bytesOf(3))), Buffer.of(0)]);
    const none = await signed(Buffer.alloc(0));
    for (const bytes of [inside, outside, none]) expect(refusal(CODE, () => parsed(bytes))).toBe('layout');
    const maced = macMessage(CONTEXT.down, bytesOf(3), macKey);
    const attempts = [Buffer.concat([maced, Buffer.of(0)]), macMessage(CONTEXT.down, Buffer.alloc(0), macKey), maced.subarray(0, -1)];
    for (const bytes of attempts) expect(refusal(CODE, () => parseMaced(bytes, CODE))).toBe('layout');
  });

  it('is told apart by its first bytes: signed, under a MAC, or neither', async () => {
    const [one, other] = [await signed(cborBytes(bytesOf(3))), macMessage(CONTEXT.down, bytesOf(3), macKey)];
    const longer = Buffer.concat([cborArray([cborText('x')]), one]);
    expect([one, other, longer, one.subarray(0, 5), other.subarray(0, 5)].map((bytes) => [looksSigned(bytes), looksMaced(bytes)])).toEqual([
      [true, false],
      [false, true],
      ...Array(3).fill([false, false]),
    ]);
  });
});

describe('a tag', () => {
  it('matches itself and nothing else, and no tag is short or long', () => {
    const tag = bytesOf(32);
    expect(macMatches(tag, bytesOf(32))).toBe(true);
    expect(macMatches(tag, bytesOf(32, 2))).toBe(false);
    for (const length of [0, 16, 31, 33]) {
      expect(macMatches(tag, bytesOf(length))).toBe(false);
      expect(macMatches(bytesOf(length), tag)).toBe(false);
      expect(macMatches(bytesOf(length), bytesOf(length))).toBe(false);
    }
  });
});
