import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { dcborDecodeOptions, decode } from 'cbor2';
import { describe, expect, it } from 'vitest';
import { cborArray, cborBytes, cborUint } from '../../protocol/cbor.ts';
import { CONTEXT, signatureTbs, signMessage } from '../../protocol/cose.ts';
import { verifyDaySigned } from '../../protocol/day-key.ts';
import {
  classifyHandshake,
  ecdh,
  encodeAccept,
  encodeEpochIs,
  encodeHello,
  encodeRenewal,
  ephemeralPair,
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
import { acceptOf, ephemeral, epochIsOf, handshakeKey, helloOf, today } from './handshake-support.ts';
import { bytesOf, flips, identity, METER_A, METER_B, refusal } from './support.ts';

const meter = identity();
const mdms = identity();
const refusedAs = (attempt: () => unknown) => refusal('ERR_HANDSHAKE_REFUSED', attempt);

describe('messages', () => {
  it('come back as they went, verified by their signer', async () => {
    const hello = parseHello((await encodeHello(helloOf(), meter.sign)).bytes);
    const accept = parseAccept((await encodeAccept(acceptOf(), today.sign)).bytes);
    const epochIs = parseEpochIs((await encodeEpochIs(epochIsOf(), today.sign)).bytes);
    const renewal = parseRenewal((await encodeRenewal({ meterId: METER_A, csr: bytesOf(400) }, meter.sign)).bytes);
    expect([hello.message, accept.message]).toEqual([helloOf(), acceptOf()]);
    expect(epochIs.message).toEqual(epochIsOf());
    expect(renewal.message).toEqual({ meterId: METER_A, csr: bytesOf(400) });
    expect([hello, renewal].map((signed) => verifySigned(signed, meter.publicKey))).toEqual([true, true]);
    expect([accept, epochIs].map((signed) => verifyDaySigned(signed, handshakeKey.publicKey))).toEqual([true, true]);
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
    const verified = (bytes: Buffer) => verifyDaySigned(parseAccept(bytes), handshakeKey.publicKey);
    expect(verified((await encodeAccept(acceptOf(), today.sign)).bytes)).toBe(true);
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
    const { bytes: certificate } = today.dayKey;
    const head = [cborUint(3), cborUint(1), cborBytes(Buffer.from(METER_A, 'hex'))];
    const payload = cborArray([...head, cborBytes(bytesOf(16)), cborUint(5), cborBytes(certificate)]);
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
