import { createSecretKey, type KeyObject } from 'node:crypto';
import { dcborDecodeOptions, decode } from 'cbor2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cborArray, cborBytes, cborUint } from '../../protocol/cbor.ts';
import { CONTEXT, MESSAGE_LIMIT, macMessage } from '../../protocol/cose.ts';
import { certifyDayKey } from '../../protocol/day-key.ts';
import {
  classifyDownlink,
  DOWNLINK_TYPES,
  type DownlinkMessage,
  type DownlinkType,
  decodeAck,
  decodeCertificate,
  decodeResend,
  decodeTime,
  encodeAck,
  encodeCertificate,
  encodeDownlink,
  encodeDownlinkCode,
  encodeResend,
  encodeTime,
  openDownlink,
} from '../../protocol/downlink.ts';
import { encodeAccept, encodeEpochIs, encodeHello, ephemeralPair, pointToSpki, spkiKeyId } from '../../protocol/handshake.ts';
import { encodeManifest } from '../../protocol/manifest.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { bytesOf, flips, identity, METER_A, refusal } from './support.ts';

const defences = defencesUnderTest();
const options = { verifyMac: defences.downlinkMac, allowList: defences.downlinkAllowList };
const macKey = createSecretKey(Buffer.alloc(32, 5));
const otherKey = createSecretKey(Buffer.alloc(32, 6));
const keyOf = (epoch: number): KeyObject | undefined => (epoch === 3 ? macKey : undefined);
const refusedAs = (attempt: () => unknown) => refusal('ERR_DOWNLINK_REFUSED', attempt);
const types = Object.keys(DOWNLINK_TYPES) as DownlinkType[];

const messageOf = (over: Partial<DownlinkMessage> = {}): DownlinkMessage => ({
  type: 'ack',
  meterId: METER_A,
  epoch: 3,
  dnSeq: 77,
  body: bytesOf(20),
  ...over,
});

describe('downlink', () => {
  it('opens to what was sent, for every type on the list', () => {
    const anyMessage = fc.record({
      type: fc.constantFrom(...types),
      meterId: fc.constant(METER_A),
      epoch: fc.constant(3),
      dnSeq: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      body: fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
    });
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(openDownlink(encodeDownlink(message, macKey), keyOf, options)).toEqual(message);
      }),
    );
  });

  it('is a COSE_Mac0 for a strict dCBOR decoder', () => {
    const [header, unprotected, payload, tag] = decode(encodeDownlink(messageOf(), macKey), dcborDecodeOptions) as [
      Uint8Array,
      object,
      Uint8Array,
      Uint8Array,
    ];
    expect(decode(header, dcborDecodeOptions)).toEqual(new Map([[1, 5]]));
    expect([Object.keys(unprotected), tag.length]).toEqual([[], 32]);
    const [type, meterId, epoch, dnSeq, body] = decode(payload, dcborDecodeOptions) as [number, Uint8Array, number, number, Uint8Array];
    expect([type, Buffer.from(meterId).toString('hex'), epoch, dnSeq, Buffer.from(body)]).toEqual([1, METER_A, 3, 77, bytesOf(20)]);
  });

  it("C10.1-3: a MAC under another meter's or epoch's key is refused", () => {
    const bytes = encodeDownlink(messageOf(), otherKey);
    expect(refusedAs(() => openDownlink(bytes, keyOf, options))).toBe('mac');
    const otherEpoch = encodeDownlink(messageOf({ epoch: 4 }), macKey);
    expect(refusedAs(() => openDownlink(otherEpoch, keyOf, options))).toBe('epoch');
  });

  it('C10.1-3: every single bit flipped, every cut, every trailing byte is refused', () => {
    const bytes = encodeDownlink(messageOf(), macKey);
    const opens = (attempt: Buffer) => {
      try {
        openDownlink(attempt, keyOf, options);
        return true;
      } catch {
        return false;
      }
    };
    expect(opens(bytes)).toBe(true);
    expect([...flips(bytes)].filter(({ flipped }) => opens(flipped)).map(({ bit }) => bit)).toEqual([]);
    for (let length = 0; length < bytes.length; length++) expect(opens(bytes.subarray(0, length))).toBe(false);
    for (let extra = 1; extra <= 64; extra++) expect(opens(Buffer.concat([bytes, Buffer.alloc(extra)]))).toBe(false);
  });

  it('a tag cut to 16, 12, 8, 4 or 0 bytes is refused, though its head tells so', () => {
    const bytes = encodeDownlink(messageOf(), macKey);
    for (const kept of [31, 16, 12, 8, 4, 0]) {
      const cut = Buffer.concat([bytes.subarray(0, -34), cborBytes(bytes.subarray(-32, -32 + kept || undefined).subarray(0, kept))]);
      expect(refusedAs(() => openDownlink(cut, keyOf, options))).toBe('layout');
    }
  });

  it('T8-P4: a type that is not on the list is refused, though the right key made it', () => {
    for (const code of [0, 7, 8, 23, 24, 255, 65535]) {
      const bytes = encodeDownlinkCode(code, messageOf(), macKey);
      expect(refusedAs(() => openDownlink(bytes, keyOf, options))).toBe('type');
    }
    expect(types).toEqual(['ack', 'epoch-request', 'time', 'resend', 'keys', 'certificate']);
  });

  it('has nothing behind its fields, though the right key covered it', () => {
    const payload = (...tail: Buffer[]) =>
      Buffer.concat([
        cborArray([cborUint(1), cborBytes(Buffer.from(METER_A, 'hex')), cborUint(3), cborUint(1), cborBytes(bytesOf(1))]),
        ...tail,
      ]);
    expect(openDownlink(macMessage(CONTEXT.down, payload(), macKey), keyOf).type).toBe('ack');
    expect(refusedAs(() => openDownlink(macMessage(CONTEXT.down, payload(Buffer.of(0)), macKey), keyOf))).toBe('layout');
  });

  it('with the list or the MAC switched off, as the proof of either does, opens what the other lets through', () => {
    const unlisted = encodeDownlinkCode(7, messageOf(), macKey);
    expect(openDownlink(unlisted, keyOf, { allowList: false })).toMatchObject({ type: 'unlisted', dnSeq: 77 });
    expect(refusedAs(() => openDownlink(encodeDownlinkCode(7, messageOf(), otherKey), keyOf, { allowList: false }))).toBe('mac');
    const forged = encodeDownlink(messageOf(), otherKey);
    expect(openDownlink(forged, keyOf, { verifyMac: false })).toMatchObject({ type: 'ack', dnSeq: 77 });
    expect(refusedAs(() => openDownlink(forged, keyOf))).toBe('mac');
    expect(refusedAs(() => openDownlink(unlisted, keyOf))).toBe('type');
  });

  it('a MAC made in another context is refused', () => {
    const payload = cborArray([cborUint(1), cborBytes(Buffer.from(METER_A, 'hex')), cborUint(3), cborUint(1), cborBytes(bytesOf(1))]);
    expect(openDownlink(macMessage(CONTEXT.down, payload, macKey), keyOf).type).toBe('ack');
    expect(refusedAs(() => openDownlink(macMessage(CONTEXT.accept, payload, macKey), keyOf, { verifyMac: true }))).toBe('mac');
  });

  it('sequence 0, epoch 0 and more than 4 KB do not exist', () => {
    expect(refusedAs(() => openDownlink(encodeDownlink(messageOf({ dnSeq: 0 }), macKey), keyOf))).toBe('layout');
    expect(refusedAs(() => openDownlink(encodeDownlink(messageOf({ epoch: 0 }), macKey), () => macKey))).toBe('layout');
    expect(refusedAs(() => encodeDownlink(messageOf({ body: Buffer.alloc(MESSAGE_LIMIT) }), macKey))).toBe('size');
    expect(refusedAs(() => openDownlink(Buffer.alloc(MESSAGE_LIMIT + 1), keyOf))).toBe('size');
    const head = encodeDownlink(messageOf({ body: Buffer.alloc(1000) }), macKey).length - 1000;
    const most = encodeDownlink(messageOf({ body: Buffer.alloc(MESSAGE_LIMIT - head) }), macKey);
    expect([most.length, openDownlink(most, keyOf).body.length]).toEqual([MESSAGE_LIMIT, MESSAGE_LIMIT - head]);
    expect(refusedAs(() => openDownlink(encodeDownlink(messageOf({ epoch: 4 }), macKey), keyOf))).toBe('epoch');
  });

  it('bytes on their way to a meter are told apart without a key', async () => {
    const { sign } = identity();
    const { point } = ephemeralPair();
    const spki = pointToSpki(point);
    const dayKey = await certifyDayKey({ point, notBefore: 0, notAfter: 1, handshakeKeyId: '00'.repeat(8) }, sign);
    const common = { meterId: METER_A, epoch: 1, suite: 1, ephemeral: point };
    const accept = await encodeAccept(
      {
        ...common,
        helloHash: bytesOf(32),
        notBefore: 0,
        notAfter: 1,
        messageLimit: 1,
        utc: 0,
        midnights: Array.from({ length: 14 }, (_, i) => i),
        dayKey,
      },
      sign,
    );
    const epochIs = await encodeEpochIs({ meterId: METER_A, nonce: bytesOf(16), epoch: 9, dayKey }, sign);
    const hello = await encodeHello({ ...common, nonce: bytesOf(16), agreementKeyId: '00'.repeat(8) }, sign);
    const manifest = await encodeManifest(
      { version: 1, issuedAt: 0, keys: [{ keyId: spkiKeyId(spki), use: 'handshake', spki, notBefore: 0, notAfter: 1 }] },
      sign,
    );
    const ours = [encodeDownlink(messageOf(), macKey), accept.bytes, epochIs.bytes, manifest];
    expect(ours.map(classifyDownlink)).toEqual(['mac', 'accept', 'epoch-is', 'keys']);
    expect([hello.bytes, dayKey.bytes].map(classifyDownlink)).toEqual([undefined, undefined]);
    for (let at = 0; at < 6; at++)
      expect(classifyDownlink(Buffer.from(accept.bytes).fill(accept.bytes[at]! ^ 0x80, at, at + 1))).toBeUndefined();
    for (const bytes of [Buffer.alloc(0), Buffer.of(0x84), bytesOf(200), accept.bytes.subarray(0, 7)])
      expect(classifyDownlink(bytes)).toBeUndefined();
  });
});

describe('bodies', () => {
  const u32 = fc.nat(0xffffffff);
  const bitmap = fc.uint8Array({ minLength: 24, maxLength: 24 }).map((b) => Buffer.from(b));

  it('acknowledgements come back as they went', () => {
    const channels = fc.array(fc.record({ channel: fc.nat(255), end: u32, bitmap, held: bitmap }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(channels, (all) => {
        expect(decodeAck(encodeAck({ channels: all }))).toEqual({ channels: all });
      }),
    );
  });

  it('resend requests come back as they went', () => {
    const span = fc.tuple(fc.nat(255), u32, u32).map(([channel, a, b]) => ({ channel, from: Math.min(a, b), to: Math.max(a, b) }));
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 64 }), (spans) => {
        expect(decodeResend(encodeResend({ spans }))).toEqual({ spans });
      }),
    );
  });

  it('time and certificate come back as they went', () => {
    const time = { utc: 1_700_000_000_123, midnights: Array.from({ length: 14 }, (_, day) => 1_700_006_400 + day * 86_400) };
    expect(decodeTime(encodeTime(time))).toEqual(time);
    const first = { utc: 0, midnights: Array.from({ length: 14 }, (_, day) => day) };
    expect(decodeTime(encodeTime(first))).toEqual(first);
    expect(decodeCertificate(encodeCertificate({ certificate: bytesOf(700) }))).toEqual({ certificate: bytesOf(700) });
  });

  it('the largest of each fits a message', () => {
    const channels = Array.from({ length: 8 }, (_, channel) => ({
      channel,
      end: 2 ** 32 - 1,
      bitmap: Buffer.alloc(24),
      held: Buffer.alloc(24),
    }));
    const spans = Array.from({ length: 64 }, () => ({ channel: 255, from: 2 ** 32 - 1, to: 2 ** 32 - 1 }));
    for (const body of [encodeAck({ channels }), encodeResend({ spans }), encodeCertificate({ certificate: bytesOf(3072) })]) {
      expect(openDownlink(encodeDownlink(messageOf({ body }), macKey), keyOf).body).toEqual(body);
    }
  });

  it('empty, overlong, backwards or unfinished bodies are refused', () => {
    const ack = { channel: 0, end: 1, bitmap: Buffer.alloc(24), held: Buffer.alloc(24) };
    const midnights = Array.from({ length: 14 }, (_, day) => day);
    const attempts: (() => unknown)[] = [
      () => decodeAck(encodeAck({ channels: [] })),
      () => decodeAck(encodeAck({ channels: Array.from({ length: 9 }, () => ack) })),
      () => decodeAck(encodeAck({ channels: [{ ...ack, bitmap: Buffer.alloc(25) }] })),
      () => decodeAck(Buffer.concat([encodeAck({ channels: [ack] }), Buffer.of(0)])),
      () => decodeResend(encodeResend({ spans: [] })),
      () => decodeResend(encodeResend({ spans: [{ channel: 0, from: 2, to: 1 }] })),
      () => decodeResend(encodeResend({ spans: Array.from({ length: 65 }, () => ({ channel: 0, from: 1, to: 1 })) })),
      () => decodeTime(encodeTime({ utc: 0, midnights: [] })),
      () => decodeCertificate(encodeCertificate({ certificate: Buffer.alloc(0) })),
      () => decodeCertificate(encodeCertificate({ certificate: Buffer.alloc(3073) })),
      () => decodeAck(Buffer.alloc(0)),
      () => decodeAck(cborArray([cborArray([cborUint(0), cborUint(1), cborBytes(ack.bitmap), cborBytes(ack.held), cborUint(0)])])),
      () => decodeResend(Buffer.concat([encodeResend({ spans: [{ channel: 0, from: 1, to: 1 }] }), Buffer.of(0)])),
      () => decodeResend(cborArray([cborArray([cborUint(0), cborUint(1), cborUint(1), cborUint(1)])])),
      () => decodeTime(Buffer.concat([encodeTime({ utc: 0, midnights }), Buffer.of(0)])),
      () => decodeTime(cborArray([cborUint(0)])),
      () => decodeCertificate(Buffer.concat([encodeCertificate({ certificate: bytesOf(1) }), Buffer.of(0)])),
      () => decodeCertificate(cborArray([cborBytes(bytesOf(1)), cborBytes(bytesOf(1))])),
    ];
    for (const attempt of attempts) expect(refusedAs(attempt)).toBe('layout');
  });
});
