import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTEXT, type SignedMessage, type Signer, signerOf, signMessage } from '../../protocol/cose.ts';
import { certifyDayKey, DAY_KEY_LIFE, type DayKey, type DaySigned, parseDayKey, verifyDaySigned } from '../../protocol/day-key.ts';
import { encodeAccept, encodeEpochIs, parseAccept, parseEpochIs, spkiKeyId, spkiToPoint } from '../../protocol/handshake.ts';
import { dayKeyBy } from '../support/day-key.ts';
import { pair } from '../support/mdms.ts';
import { ACCEPTED_AT, acceptOf, epochIsOf, handshakeKey, today } from './handshake-support.ts';
import { flips, refusal } from './support.ts';

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const refusedAs = (attempt: () => unknown) => refusal('ERR_HANDSHAKE_REFUSED', attempt);
const verifies = (signed: SignedMessage<DaySigned>) => verifyDaySigned(signed, handshakeKey.publicKey);
const byHandshakeKey = signerOf(handshakeKey.privateKey);
const certified = async (change: Partial<DayKey>, sign = byHandshakeKey) => certifyDayKey({ ...today.dayKey.message, ...change }, sign);
const acceptWith = async (dayKey: SignedMessage<DayKey>, sign: Signer = today.sign) =>
  (await encodeAccept(acceptOf({ dayKey }), sign)).bytes;

/** What a COSE_Sign1 of ours signs, without its heads: payloads here have 24 to 255 bytes. */
const payloadOf = ({ bytes }: SignedMessage<unknown>) => bytes.subarray(8, -66);

describe('the certificate of a day key', () => {
  it('comes back as it went, and is short', () => {
    const { message, bytes } = today.dayKey;
    expect(parseDayKey(bytes).message).toEqual(message);
    expect(message.notAfter - message.notBefore).toBe(DAY_KEY_LIFE);
    expect(message.handshakeKeyId).toBe(spkiKeyId(handshakeKey.spki));
    expect(bytes.length).toBeLessThanOrEqual(140);
  });

  it('lives a day at most, and ends after it began', async () => {
    const { notBefore } = today.dayKey.message;
    expect(parseDayKey((await certified({ notAfter: notBefore + 1 })).bytes).message.notAfter).toBe(notBefore + 1);
    for (const [notAfter, reason] of [
      [notBefore + DAY_KEY_LIFE + 1, 'time'],
      [Number.MAX_SAFE_INTEGER, 'time'],
      [notBefore, 'layout'],
      [notBefore - 1, 'layout'],
    ] as const) {
      const { bytes } = await certified({ notAfter });
      expect(refusedAs(() => parseDayKey(bytes))).toBe(reason);
      const accept = await acceptWith(await certified({ notAfter }));
      expect(refusedAs(() => parseAccept(accept))).toBe(reason);
    }
  });

  it('names a point on the curve, compressed', async () => {
    for (const point of [Buffer.concat([Buffer.of(2), Buffer.alloc(32, 0xff)]), Buffer.alloc(33)]) {
      const { bytes } = await certified({ point });
      expect(refusedAs(() => parseDayKey(bytes))).toBe('point');
    }
    for (const point of [Buffer.of(0), handshakeKey.spki.subarray(-65)]) {
      const { bytes } = await certified({ point });
      expect(refusedAs(() => parseDayKey(bytes))).toBe('layout');
    }
  });

  it('has one form: cut at every offset, longer, or with the twin of its signature it is refused', async () => {
    const { bytes, signature } = today.dayKey;
    for (let length = 0; length < bytes.length; length++) expect(refusedAs(() => parseDayKey(bytes.subarray(0, length)))).toBe('layout');
    expect(refusedAs(() => parseDayKey(Buffer.concat([bytes, Buffer.of(0)])))).toBe('layout');
    const high = (N - BigInt(`0x${signature.toString('hex', 32)}`)).toString(16).padStart(64, '0');
    const malleated = Buffer.concat([bytes.subarray(0, -32), Buffer.from(high, 'hex')]);
    expect(refusedAs(() => parseDayKey(malleated))).toBe('signature-form');
    const accept = await acceptWith({ ...today.dayKey, bytes: malleated });
    expect(refusedAs(() => parseAccept(accept))).toBe('signature-form');
  });

  it('covers the moment that ACCEPT says it was signed at: neither expired nor not yet valid', async () => {
    const at = async (notBefore: number, notAfter: number) => acceptWith(await certified({ notBefore, notAfter }));
    expect(verifies(parseAccept(await at(ACCEPTED_AT, ACCEPTED_AT + 1)))).toBe(true);
    for (const [notBefore, notAfter] of [
      [ACCEPTED_AT - 1, ACCEPTED_AT],
      [ACCEPTED_AT + 1, ACCEPTED_AT + 2],
      [ACCEPTED_AT - 2 * DAY_KEY_LIFE, ACCEPTED_AT - DAY_KEY_LIFE],
    ] as const) {
      const bytes = await at(notBefore, notAfter);
      expect(refusedAs(() => parseAccept(bytes))).toBe('time');
    }
  });
});

describe('who signed an answer', () => {
  it('C10.1-2: no flipped bit of ACCEPT or EPOCH-IS, the certificate in it included, parses and verifies', async () => {
    const answers = [
      { bytes: (await encodeAccept(acceptOf(), today.sign)).bytes, parse: parseAccept },
      { bytes: (await encodeEpochIs(epochIsOf(), today.sign)).bytes, parse: parseEpochIs },
    ];
    for (const { bytes, parse } of answers) {
      expect(verifies(parse(bytes))).toBe(true);
      const passed = [...flips(bytes)].filter(({ flipped }) => {
        try {
          return verifies(parse(flipped));
        } catch {
          return false;
        }
      });
      expect(passed).toEqual([]);
    }
  });

  it('C10.1-2: a certificate replayed under a message that another key signed proves nothing', async () => {
    const other = await dayKeyBy(handshakeKey, ACCEPTED_AT);
    const verified = async (dayKey: SignedMessage<DayKey>, sign: Signer) => verifies(parseAccept(await acceptWith(dayKey, sign)));
    expect([await verified(today.dayKey, today.sign), await verified(other.dayKey, other.sign)]).toEqual([true, true]);
    expect(await verified(today.dayKey, other.sign)).toBe(false);
    expect(await verified(other.dayKey, today.sign)).toBe(false);
    expect(await verified(today.dayKey, byHandshakeKey)).toBe(false);
    const accept = parseAccept(await acceptWith(today.dayKey));
    expect(verifies({ ...accept, message: { ...accept.message, dayKey: other.dayKey } })).toBe(false);
  });

  it('C10.1-2: a certificate counts in its own context alone, and so does what its key signs', async () => {
    for (const context of Object.values(CONTEXT)) {
      const { bytes } = await signMessage(context, undefined, payloadOf(today.dayKey), byHandshakeKey);
      const accept = parseAccept(await acceptWith({ ...today.dayKey, bytes }));
      expect([context, verifies(accept)]).toEqual([context, context === CONTEXT.dayKey]);
      const epochIs = await signMessage(context, undefined, payloadOf(await encodeEpochIs(epochIsOf(), today.sign)), today.sign);
      expect([context, verifies(parseEpochIs(epochIs.bytes))]).toEqual([context, context === CONTEXT.epochIs]);
    }
  });

  it('C10.1-2: what a day key signed as EPOCH-IS is no ACCEPT, nor the reverse, nor is it a certificate', async () => {
    const accept = await encodeAccept(acceptOf(), today.sign);
    const epochIs = await encodeEpochIs(epochIsOf(), today.sign);
    expect(refusedAs(() => parseEpochIs(accept.bytes))).toBe('layout');
    expect(refusedAs(() => parseAccept(epochIs.bytes))).toBe('layout');
    for (const { bytes } of [accept, epochIs]) expect(refusedAs(() => parseDayKey(bytes))).toBe('layout');
    expect(refusedAs(() => parseAccept(today.dayKey.bytes))).toBe('layout');
    const { dayKey: below, sign } = await dayKeyBy(handshakeKey, ACCEPTED_AT);
    const byDayKey = await certifyDayKey(below.message, today.sign);
    expect(verifies(parseAccept(await acceptWith(byDayKey, sign)))).toBe(false);
  });

  it('C10.1-2: property: an answer verifies when the handshake key certified the key that signed it, and never else', async () => {
    const handshake = pair();
    const keys = [handshake, pair(), pair(), pair()];
    const one = fc.integer({ min: 0, max: keys.length - 1 });
    await fc.assert(
      fc.asyncProperty(one, one, one, fc.boolean(), async (certifier, certifiedKey, signer, isAccept) => {
        const certificate = {
          ...today.dayKey.message,
          point: spkiToPoint(keys[certifiedKey]!.spki),
          handshakeKeyId: spkiKeyId(handshake.spki),
        };
        const dayKey = await certifyDayKey(certificate, signerOf(keys[certifier]!.privateKey));
        const sign = signerOf(keys[signer]!.privateKey);
        const answer = isAccept
          ? parseAccept((await encodeAccept(acceptOf({ dayKey }), sign)).bytes)
          : parseEpochIs((await encodeEpochIs(epochIsOf({ dayKey }), sign)).bytes);
        expect(verifyDaySigned(answer, handshake.publicKey)).toBe(certifier === 0 && certifiedKey === signer);
      }),
      { numRuns: 100, examples: [[0, 2, 2, true]] },
    );
  });
});
