import { ECDH, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cborArray, cborBytes, cborUint } from '../../protocol/cbor.ts';
import { CONTEXT, isLowS, lowS, MESSAGE_LIMIT, type Signer, signMessage } from '../../protocol/cose.ts';
import {
  ecdh,
  encodeAccept,
  encodeHello,
  parseAccept,
  parseHello,
  parseRenewal,
  pointToSpki,
  verifySigned,
} from '../../protocol/handshake.ts';
import { acceptOf, ephemeral, helloOf } from './handshake-support.ts';
import { bytesOf, identity, METER_A, refusal } from './support.ts';

const meter = identity();
const mdms = identity();
const refusedAs = (attempt: () => unknown) => refusal('ERR_HANDSHAKE_REFUSED', attempt);

/** The other signature that verifies: s becomes n - s. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
function twin(signature: Buffer): Buffer {
  const s = N - BigInt(`0x${signature.toString('hex', 32)}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}

describe('form of a signature', () => {
  it('the twin with high S is refused at parsing, and encoding never makes one', async () => {
    const malleable: Signer = (tbs) => twin(meter.sign(tbs) as Buffer);
    const honest = await encodeHello(helloOf(), meter.sign);
    const high = Buffer.concat([honest.bytes.subarray(0, -64), twin(honest.signature)]);
    expect(refusedAs(() => parseHello(high))).toBe('signature-form');
    const lowered = await encodeHello(helloOf(), malleable);
    expect(isLowS(lowered.signature)).toBe(true);
    expect(verifySigned(parseHello(lowered.bytes), meter.publicKey)).toBe(true);
  });

  it('zero, n and beyond are no scalars', () => {
    const word = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
    const half = N >> 1n;
    const cases: [bigint, bigint, boolean][] = [
      [1n, 1n, true],
      [N - 1n, half, true],
      [1n, half + 1n, false],
      [0n, 1n, false],
      [1n, 0n, false],
      [N, 1n, false],
      [1n, N, false],
      [2n ** 256n - 1n, 1n, false],
    ];
    for (const [r, s, fine] of cases) expect(isLowS(Buffer.concat([word(r), word(s)]))).toBe(fine);
    for (const length of [0, 63, 65, 72]) expect(isLowS(Buffer.alloc(length, 1))).toBe(false);
    expect(() => lowS(Buffer.alloc(70))).toThrow(RangeError);
  });
});

describe('hostile fields', () => {
  const uncompressed = (point: Buffer) => ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'uncompressed') as Buffer;

  /** A HELLO whose payload is built by hand and rightly signed. */
  async function forged(over: { head?: Buffer[]; ephemeral?: Buffer; epoch?: Buffer; suite?: number; tail?: Buffer[] }): Promise<Buffer> {
    const fields = [
      ...(over.head ?? [cborUint(1), cborUint(1)]),
      cborBytes(Buffer.from(METER_A, 'hex')),
      over.epoch ?? cborUint(3),
      cborUint(over.suite ?? 1),
      cborBytes(over.ephemeral ?? ephemeral.point),
      cborBytes(bytesOf(16)),
      cborBytes(bytesOf(8)),
      ...(over.tail ?? []),
    ];
    return (await signMessage(CONTEXT.hello, undefined, cborArray(fields), meter.sign)).bytes;
  }

  it('D4: a point off the curve, at infinity, of another curve, uncompressed or cut is refused', async () => {
    const offCurve = Buffer.concat([Buffer.of(2), Buffer.alloc(32, 0xff)]);
    const noRoot = Buffer.concat([Buffer.of(2), Buffer.alloc(31), Buffer.of(1)]);
    const otherCurve = ECDH.convertKey(
      (() => {
        const pair = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });
        return Buffer.concat([Buffer.of(4), Buffer.from(pair.x!, 'base64url'), Buffer.from(pair.y!, 'base64url')]);
      })(),
      'secp256k1',
      undefined,
      undefined,
      'uncompressed',
    ) as Buffer;
    const hybrid = Buffer.from(ephemeral.point);
    hybrid[0] = 6;
    expect(parseHello(await forged({})).message.epoch).toBe(3);
    expect(refusedAs(() => pointToSpki(noRoot))).toBe('point');
    expect(refusedAs(() => ecdh(ephemeral.privateKey, offCurve))).toBe('point');
    for (const point of [offCurve, noRoot, hybrid, Buffer.alloc(33)]) {
      const bytes = await forged({ ephemeral: point });
      expect(refusedAs(() => parseHello(bytes))).toBe('point');
    }
    for (const point of [Buffer.of(0), uncompressed(ephemeral.point), otherCurve, ephemeral.point.subarray(0, 32), Buffer.alloc(0)]) {
      const bytes = await forged({ ephemeral: point });
      expect(refusedAs(() => parseHello(bytes))).toBe('layout');
      expect(refusedAs(() => pointToSpki(point))).toBe('point');
    }
  });

  it('D6: an unknown suite is refused, below and above', async () => {
    for (const [suite, reason] of [
      [0, 'layout'],
      [2, 'suite'],
      [65535, 'suite'],
      [65536, 'layout'],
    ] as const) {
      const bytes = await forged({ suite });
      expect(refusedAs(() => parseHello(bytes))).toBe(reason);
    }
  });

  it('another type, version, epoch, a field more or a byte after: refused', async () => {
    const { bytes } = await encodeHello(helloOf(), meter.sign);
    const attempts = [
      await forged({ head: [cborUint(2), cborUint(1)] }),
      await forged({ head: [cborUint(1), cborUint(2)] }),
      await forged({ head: [cborUint(1)] }),
      await forged({ epoch: cborUint(0) }),
      await forged({ epoch: cborUint(65536) }),
      await forged({ epoch: Buffer.from('1803', 'hex') }),
      await forged({ epoch: Buffer.from('20', 'hex') }),
      await forged({ tail: [cborUint(0)] }),
      Buffer.concat([bytes, Buffer.of(0)]),
      Buffer.concat([Buffer.of(0xd2), bytes]),
      bytes.subarray(0, -1),
      Buffer.alloc(0),
      (await encodeAccept(acceptOf(), mdms.sign)).bytes,
    ];
    for (const attempt of attempts) expect(refusedAs(() => parseHello(attempt))).toBe('layout');
  });

  it('cut at every offset: refused', async () => {
    for (const { bytes, parse } of [
      { bytes: (await encodeHello(helloOf(), meter.sign)).bytes, parse: parseHello },
      { bytes: (await encodeAccept(acceptOf(), mdms.sign)).bytes, parse: parseAccept },
    ]) {
      for (let length = 0; length < bytes.length; length++) expect(refusedAs(() => parse(bytes.subarray(0, length)))).toBe('layout');
    }
  });

  it('more than 4 KB is refused before anything is read', () => {
    expect(refusedAs(() => parseHello(Buffer.alloc(MESSAGE_LIMIT + 1)))).toBe('size');
    expect(refusedAs(() => parseRenewal(Buffer.alloc(10_000_000)))).toBe('size');
  });

  it('an ACCEPT with midnights out of order, too few, or that ends before it begins: refused', async () => {
    const midnights = acceptOf().midnights;
    for (const over of [
      { midnights: [...midnights].reverse() },
      { midnights: midnights.slice(1) },
      { midnights: midnights.map(() => 5) },
      { notAfter: acceptOf().notBefore },
      { messageLimit: 0 },
    ]) {
      const { bytes } = await encodeAccept(acceptOf(over), mdms.sign);
      expect(refusedAs(() => parseAccept(bytes))).toBe('layout');
    }
  });
});
