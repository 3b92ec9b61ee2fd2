import { cborArray, cborBytes, cborUint } from '../../protocol/cbor.ts';
import { CONTEXT, type SignedMessage, signMessage } from '../../protocol/cose.ts';
import { certifyDayKey, DAY_KEY_LIFE, type DayKey, type DaySigned } from '../../protocol/day-key.ts';
import {
  type Accept,
  type EpochIs,
  ecdh,
  encodeAccept,
  encodeEpochIs,
  encodeHello,
  encodeRenewal,
  type Hello,
  helloHashOf,
  pointToSpki,
  spkiKeyId,
} from '../../protocol/handshake.ts';
import { agreeEpochSecret, epochKeys } from '../../protocol/keys.ts';
import { encodeManifest, type Manifest } from '../../protocol/manifest.ts';
import { type FixedPair, fixedPair, seed, twin } from './deterministic.ts';

const METER = '00124b00060d7a11';
const NOW = 1_794_700_800_123;
const DAY_MS = 86_400_000;

const identity = fixedPair('meter identity');
const handshake = fixedPair('mdms handshake');
const today = fixedPair('mdms day key');
const agreement = fixedPair('mdms agreement');
const meterEphemeral = fixedPair('meter ephemeral');
const mdmsEphemeral = fixedPair('mdms ephemeral');
const root = fixedPair('offline root');

const keyId = (pair: FixedPair): string => spkiKeyId(pointToSpki(pair.point));
const shown = (pair: FixedPair): object => ({ scalar: pair.scalar, point: pair.point, spki: pointToSpki(pair.point), keyId: keyId(pair) });
const shownMessage = ({ message, tbs, signature, bytes }: SignedMessage<unknown>): object => ({ fields: message, tbs, signature, bytes });
const shownAnswer = ({ message, ...rest }: SignedMessage<DaySigned>): object =>
  shownMessage({ ...rest, message: { ...message, dayKey: message.dayKey.bytes } });

const HELLO: Hello = {
  meterId: METER,
  epoch: 258,
  suite: 1,
  ephemeral: meterEphemeral.point,
  nonce: seed('hello nonce', 16),
  agreementKeyId: keyId(agreement),
};

const CERTIFICATE: DayKey = {
  point: today.point,
  notBefore: NOW - 3_600_000,
  notAfter: NOW - 3_600_000 + DAY_KEY_LIFE,
  handshakeKeyId: keyId(handshake),
};

/** `handshake.json`: both sides with fixed ephemerals up to the epoch's keys, the other signed messages, and refusals. */
export async function handshakeVectors(): Promise<object> {
  const hello = await encodeHello(HELLO, identity.sign);
  const dayKey = await certifyDayKey(CERTIFICATE, handshake.sign);
  const acceptFields: Accept = {
    meterId: METER,
    epoch: 258,
    suite: 1,
    ephemeral: mdmsEphemeral.point,
    helloHash: helloHashOf(hello),
    notBefore: NOW - 600_000,
    notAfter: NOW + 10 * DAY_MS,
    messageLimit: 65_536,
    utc: NOW,
    midnights: Array.from({ length: 14 }, (_, day) => 1_794_783_600 + day * 86_400),
    dayKey,
  };
  const accept = await encodeAccept(acceptFields, today.sign);
  const epochIsFields: EpochIs = { meterId: METER, nonce: HELLO.nonce, epoch: 300, dayKey };
  const epochIs = await encodeEpochIs(epochIsFields, today.sign);
  const renewal = await encodeRenewal({ meterId: METER, csr: Buffer.concat([seed('csr 1'), seed('csr 2')]) }, identity.sign);
  const z1 = ecdh(meterEphemeral.privateKey, agreement.point);
  const z2 = ecdh(meterEphemeral.privateKey, mdmsEphemeral.point);
  const epochSecret = agreeEpochSecret(hello.tbs, accept.tbs, z1, z2);
  return {
    keys: {
      identity: shown(identity),
      handshake: shown(handshake),
      dayKey: shown(today),
      agreement: shown(agreement),
      meterEphemeral: shown(meterEphemeral),
      mdmsEphemeral: shown(mdmsEphemeral),
    },
    hello: shownMessage(hello),
    dayKey: shownMessage(dayKey),
    accept: shownAnswer(accept),
    epochIs: shownAnswer(epochIs),
    renewal: shownMessage(renewal),
    z1,
    z2,
    epochSecret,
    confirmation: epochKeys(epochSecret).confirmation,
    refusedHello: await refusedHellos(hello),
    refusedAccept: await refusedAccepts(acceptFields),
    refusedEpochIs: await refusedEpochIs(epochIsFields),
  };
}

/** Where verifying says no: `layout`, `certificate` (under the handshake key) or `signature` (under the day key). */
async function refusedAccepts(fields: Accept): Promise<object[]> {
  const { dayKey } = fields;
  const accept = async (change: Partial<Accept>, sign = today.sign) => (await encodeAccept({ ...fields, ...change }, sign)).bytes;
  const certified = async (change: Partial<DayKey>, sign = handshake.sign) =>
    accept({ dayKey: await certifyDayKey({ ...CERTIFICATE, ...change }, sign) });
  const bytesInstead = (bytes: Buffer) => accept({ dayKey: { ...dayKey, bytes } });
  const { notBefore, notAfter } = CERTIFICATE;
  return [
    { name: 'certificate with high S', stage: 'layout', bytes: await bytesInstead(highS(dayKey)) },
    { name: 'certificate of a life of a millisecond more than a day', stage: 'layout', bytes: await certified({ notAfter: notAfter + 1 }) },
    { name: 'certificate that ends as it begins', stage: 'layout', bytes: await certified({ notAfter: notBefore }) },
    { name: 'certificate that had ended', stage: 'layout', bytes: await certified({ notAfter: NOW }) },
    { name: 'certificate that had not begun', stage: 'layout', bytes: await certified({ notBefore: NOW + 1 }) },
    { name: 'certificate with a point off the curve', stage: 'layout', bytes: await certified({ point: OFF_CURVE }) },
    { name: 'a key id instead of a certificate', stage: 'layout', bytes: await bytesInstead(Buffer.from(keyId(handshake), 'hex')) },
    { name: 'certificate by another key', stage: 'certificate', bytes: await certified({}, root.sign) },
    { name: 'certificate by the day key itself', stage: 'certificate', bytes: await certified({}, today.sign) },
    { name: 'certificate signed in the context of ACCEPT', stage: 'certificate', bytes: await bytesInstead(await inContext(dayKey)) },
    { name: 'certificate of another day key', stage: 'signature', bytes: await certified({ point: mdmsEphemeral.point }) },
    { name: 'signed by the handshake key', stage: 'signature', bytes: await accept({}, handshake.sign) },
  ];
}

async function refusedEpochIs(fields: EpochIs): Promise<object[]> {
  const epochIs = await encodeEpochIs(fields, today.sign);
  const payload = epochIs.bytes.subarray(8, -66);
  return [
    { name: 'signed by the handshake key', stage: 'signature', bytes: (await encodeEpochIs(fields, handshake.sign)).bytes },
    {
      name: 'signed in the context of ACCEPT',
      stage: 'signature',
      bytes: (await signMessage(CONTEXT.accept, undefined, payload, today.sign)).bytes,
    },
  ];
}

const OFF_CURVE = Buffer.concat([Buffer.of(2), Buffer.alloc(31), Buffer.of(1)]);

function highS({ bytes, signature }: SignedMessage<unknown>): Buffer {
  return Buffer.concat([bytes.subarray(0, -64), twin(signature)]);
}

/** The certificate, its payload signed as if it were an ACCEPT. */
async function inContext({ bytes }: SignedMessage<unknown>): Promise<Buffer> {
  return (await signMessage(CONTEXT.accept, undefined, bytes.subarray(8, -66), handshake.sign)).bytes;
}

/** Rightly signed, but for those that say so. */
async function refusedHellos(hello: SignedMessage<Hello>): Promise<object[]> {
  const signed = async (fields: Buffer[], context: string = CONTEXT.hello) =>
    (await signMessage(context, undefined, cborArray(fields), identity.sign)).bytes;
  const head = [cborUint(1), cborUint(1), cborBytes(Buffer.from(METER, 'hex'))];
  const tail = [cborBytes(HELLO.nonce), cborBytes(Buffer.from(HELLO.agreementKeyId, 'hex'))];
  const point = cborBytes(HELLO.ephemeral);
  const middle = [cborUint(HELLO.epoch), cborUint(1), point];
  const offCurve = cborBytes(OFF_CURVE);
  const uncompressed = cborBytes(pointToSpki(HELLO.ephemeral).subarray(26));
  return [
    { name: 'high S', stage: 'layout', bytes: highS(hello) },
    { name: 'a byte after', stage: 'layout', bytes: Buffer.concat([hello.bytes, Buffer.of(0)]) },
    { name: 'a byte short', stage: 'layout', bytes: hello.bytes.subarray(0, -1) },
    {
      name: 'epoch not in its shortest form',
      stage: 'layout',
      bytes: await signed([...head, Buffer.from('1a00000102', 'hex'), cborUint(1), point, ...tail]),
    },
    { name: 'epoch 0', stage: 'layout', bytes: await signed([...head, cborUint(0), cborUint(1), point, ...tail]) },
    { name: 'suite 2', stage: 'layout', bytes: await signed([...head, cborUint(HELLO.epoch), cborUint(2), point, ...tail]) },
    { name: 'point off the curve', stage: 'layout', bytes: await signed([...head, cborUint(HELLO.epoch), cborUint(1), offCurve, ...tail]) },
    {
      name: 'point at infinity',
      stage: 'layout',
      bytes: await signed([...head, cborUint(HELLO.epoch), cborUint(1), cborBytes(Buffer.of(0)), ...tail]),
    },
    {
      name: 'point uncompressed',
      stage: 'layout',
      bytes: await signed([...head, cborUint(HELLO.epoch), cborUint(1), uncompressed, ...tail]),
    },
    { name: 'a field more', stage: 'layout', bytes: await signed([...head, ...middle, ...tail, cborUint(0)]) },
    { name: 'signed in the context of ACCEPT', stage: 'signature', bytes: await signed([...head, ...middle, ...tail], CONTEXT.accept) },
    { name: 'signed by another key', stage: 'signature', bytes: (await encodeHello(HELLO, handshake.sign)).bytes },
  ];
}

/** `manifest.json`: one that opens above version 6, and refusals. */
export async function manifestVectors(): Promise<object> {
  const key = (pair: FixedPair, use: 'agreement' | 'handshake') => ({
    keyId: keyId(pair),
    use,
    spki: pointToSpki(pair.point),
    notBefore: NOW,
    notAfter: NOW + 365 * DAY_MS,
  });
  const fields: Manifest = { version: 7, issuedAt: NOW, keys: [key(agreement, 'agreement'), key(handshake, 'handshake')] };
  const bytes = await encodeManifest(fields, root.sign);
  const misnamed = { ...fields, keys: [{ ...key(agreement, 'agreement'), keyId: keyId(handshake) }] };
  return {
    root: shown(root),
    lastVersion: 6,
    fields,
    bytes,
    refused: [
      { name: 'the version in force', lastVersion: 7, bytes },
      { name: 'signed by another key', lastVersion: 6, bytes: await encodeManifest(fields, handshake.sign) },
      { name: 'a key named otherwise', lastVersion: 6, bytes: await encodeManifest(misnamed, root.sign) },
      { name: 'no key', lastVersion: 6, bytes: await encodeManifest({ ...fields, keys: [] }, root.sign) },
    ],
  };
}
