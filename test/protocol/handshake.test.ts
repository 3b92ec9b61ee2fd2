import { createHash, createPublicKey, ECDH, generateKeyPairSync } from 'node:crypto';
import { dcborDecodeOptions, decode } from 'cbor2';
import { describe, expect, it } from 'vitest';
import { cborArray, cborBytes, cborUint } from '../../protocol/cbor.ts';
import { CONTEXT, isLowS, lowS, MESSAGE_LIMIT, type Signer, signatureTbs, signMessage } from '../../protocol/cose.ts';
import {
  type Accept,
  classifyHandshake,
  ecdh,
  encodeAccept,
  encodeEpochIs,
  encodeHello,
  encodeRenewal,
  ephemeralPair,
  type Hello,
  helloHashOf,
  parseAccept,
  parseEpochIs,
  parseHello,
  parseRenewal,
  pointToSpki,
  spkiKeyId,
  spkiToPoint,
  verifySigned,
} from '../../protocol/handshake.ts';
import { agreeEpochSecret } from '../../protocol/keys.ts';
import { bytesOf, flips, identity, METER_A, METER_B, refusal } from './support.ts';

const meter = identity();
const mdms = identity();
const ephemeral = ephemeralPair();
const refusedAs = (attempt: () => unknown) => refusal('ERR_HANDSHAKE_REFUSED', attempt);

const helloOf = (over: Partial<Hello> = {}): Hello => ({
  meterId: METER_A,
  epoch: 3,
  suite: 1,
  ephemeral: ephemeral.point,
  nonce: bytesOf(16),
  agreementKeyId: '0123456789abcdef',
  ...over,
});

const acceptOf = (over: Partial<Accept> = {}): Accept => ({
  meterId: METER_A,
  epoch: 3,
  suite: 1,
  ephemeral: ephemeral.point,
  helloHash: bytesOf(32),
  notBefore: 1_700_000_000_000,
  notAfter: 1_700_864_000_000,
  messageLimit: 65536,
  utc: 1_700_000_000_123,
  midnights: Array.from({ length: 14 }, (_, day) => 1_700_006_400 + day * 86_400),
  handshakeKeyId: 'fedcba9876543210',
  ...over,
});

/** The other signature that verifies: s becomes n - s. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
function twin(signature: Buffer): Buffer {
  const s = N - BigInt(`0x${signature.toString('hex', 32)}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}

describe('messages', () => {
  it('come back as they went, verified by their signer', async () => {
    const hello = parseHello((await encodeHello(helloOf(), meter.sign)).bytes);
    const accept = parseAccept((await encodeAccept(acceptOf(), mdms.sign)).bytes);
    const epochIs = parseEpochIs((await encodeEpochIs({ meterId: METER_A, nonce: bytesOf(16), epoch: 0 }, mdms.sign)).bytes);
    const renewal = parseRenewal((await encodeRenewal({ meterId: METER_A, csr: bytesOf(400) }, meter.sign)).bytes);
    expect([hello.message, accept.message]).toEqual([helloOf(), acceptOf()]);
    expect(epochIs.message).toEqual({ meterId: METER_A, nonce: bytesOf(16), epoch: 0 });
    expect(renewal.message).toEqual({ meterId: METER_A, csr: bytesOf(400) });
    expect([hello, renewal].map((signed) => verifySigned(signed, meter.publicKey))).toEqual([true, true]);
    expect([accept, epochIs].map((signed) => verifySigned(signed, mdms.publicKey))).toEqual([true, true]);
  });

  it('are COSE_Sign1 for a strict dCBOR decoder, and so is what is signed', async () => {
    const hello = await encodeHello(helloOf(), meter.sign);
    const [header, unprotected, payload, signature] = decode(hello.bytes, dcborDecodeOptions) as [
      Uint8Array,
      object,
      Uint8Array,
      Uint8Array,
    ];
    const [context, signedHeader, external, signedPayload] = decode(hello.tbs, dcborDecodeOptions) as [
      string,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(decode(header, dcborDecodeOptions)).toEqual(new Map([[1, -7]]));
    expect(Object.keys(unprotected)).toEqual([]);
    expect([context, Buffer.from(external).toString()]).toEqual(['Signature1', 'JK1 hello']);
    expect([Buffer.from(signedHeader), Buffer.from(signedPayload)]).toEqual([Buffer.from(header), Buffer.from(payload)]);
    expect(Buffer.from(signature)).toEqual(hello.signature);
    expect((decode(payload, dcborDecodeOptions) as unknown[]).slice(0, 2)).toEqual([1, 1]);
  });

  it('both sides arrive at one secret, and a stranger at another', async () => {
    const [mine, theirs, agreement] = [ephemeralPair(), ephemeralPair(), ephemeralPair()];
    const hello = await encodeHello(helloOf({ ephemeral: mine.point }), meter.sign);
    const accept = await encodeAccept(acceptOf({ ephemeral: theirs.point, helloHash: helloHashOf(hello) }), mdms.sign);
    const atMeter = agreeEpochSecret(hello.tbs, accept.tbs, ecdh(mine.privateKey, agreement.point), ecdh(mine.privateKey, theirs.point));
    const atMdms = agreeEpochSecret(hello.tbs, accept.tbs, ecdh(agreement.privateKey, mine.point), ecdh(theirs.privateKey, mine.point));
    const stranger = agreeEpochSecret(hello.tbs, accept.tbs, ecdh(theirs.privateKey, mine.point), ecdh(theirs.privateKey, mine.point));
    expect(atMeter).toEqual(atMdms);
    expect(stranger.equals(atMdms)).toBe(false);
    expect(accept.message.helloHash).toEqual(createHash('sha256').update(hello.tbs).digest());
  });

  it('are told apart by their first bytes, and nothing else passes for one', async () => {
    const hello = await encodeHello(helloOf(), meter.sign);
    const renewal = await encodeRenewal({ meterId: METER_A, csr: bytesOf(400) }, meter.sign);
    const accept = await encodeAccept(acceptOf(), mdms.sign);
    expect([hello, renewal, accept].map(({ bytes }) => classifyHandshake(bytes))).toEqual(['hello', 'renewal', undefined]);
    for (const bytes of [Buffer.alloc(0), Buffer.of(0x83), hello.bytes.subarray(0, 6), hello.bytes.subarray(0, 8), bytesOf(100)]) {
      expect(classifyHandshake(bytes)).toBeUndefined();
    }
  });
});

describe('who signed', () => {
  it("D1: a HELLO signed by another meter, or over another meter's name, does not verify", async () => {
    const impostor = identity();
    const byAnother = parseHello((await encodeHello(helloOf(), impostor.sign)).bytes);
    const own = await encodeHello(helloOf(), meter.sign);
    const renamed = Buffer.from(own.bytes);
    renamed.write(METER_B, renamed.indexOf(Buffer.from(METER_A, 'hex')), 'hex');
    const verified = (bytes: Buffer) => verifySigned(parseHello(bytes), meter.publicKey);
    expect(verified(own.bytes)).toBe(true);
    expect(verified(byAnother.bytes)).toBe(false);
    expect(verified(renamed)).toBe(false);
  });

  it('D7: an ACCEPT signed by another key does not verify', async () => {
    const rogue = await encodeAccept(acceptOf(), identity().sign);
    const verified = (bytes: Buffer) => verifySigned(parseAccept(bytes), mdms.publicKey);
    expect(verified((await encodeAccept(acceptOf(), mdms.sign)).bytes)).toBe(true);
    expect(verified(rogue.bytes)).toBe(false);
  });

  it('no flipped bit of a HELLO parses and verifies', async () => {
    const { bytes } = await encodeHello(helloOf(), meter.sign);
    const passed = [...flips(bytes)].filter(({ flipped }) => {
      try {
        return verifySigned(parseHello(flipped), meter.publicKey);
      } catch {
        return false;
      }
    });
    expect(passed).toEqual([]);
  });

  it('a signature made in one context says nothing in another', async () => {
    const payload = cborArray([cborUint(3), cborUint(1), cborBytes(Buffer.from(METER_A, 'hex')), cborBytes(bytesOf(16)), cborUint(5)]);
    const contexts = Object.values(CONTEXT);
    expect(new Set(contexts.map((context) => signatureTbs(context, payload).toString('hex'))).size).toBe(contexts.length);
    for (const context of contexts) {
      const { bytes } = await signMessage(context, undefined, payload, mdms.sign);
      expect(verifySigned(parseEpochIs(bytes), mdms.publicKey)).toBe(context === CONTEXT.epochIs);
    }
  });

  it('a key of another kind or curve never verifies', async () => {
    const hello = parseHello((await encodeHello(helloOf(), meter.sign)).bytes);
    const others = [
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
      generateKeyPairSync('ed25519').publicKey,
    ];
    for (const key of others) expect(verifySigned(hello, key)).toBe(false);
  });
});

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

describe('points and key ids', () => {
  it('SPKI carries the point uncompressed, as key services take it, and its hash names it', () => {
    const spki = pointToSpki(ephemeral.point);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(key.export({ format: 'der', type: 'spki' })).toEqual(spki);
    expect(spkiToPoint(spki)).toEqual(ephemeral.point);
    expect(spkiKeyId(spki)).toBe(createHash('sha256').update(spki).digest('hex').slice(0, 16));
    expect(refusedAs(() => spkiToPoint(spki.subarray(1)))).toBe('point');
    expect(refusedAs(() => spkiToPoint(Buffer.concat([spki.subarray(0, 27), Buffer.alloc(64, 1)])))).toBe('point');
  });
});
