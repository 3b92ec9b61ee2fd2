import { cborArray, cborBytes, cborUint } from '../../protocol/cbor.ts';
import { CONTEXT, type SignedMessage, signMessage } from '../../protocol/cose.ts';
import {
  type Accept,
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
const agreement = fixedPair('mdms agreement');
const meterEphemeral = fixedPair('meter ephemeral');
const mdmsEphemeral = fixedPair('mdms ephemeral');
const root = fixedPair('offline root');

const keyId = (pair: FixedPair): string => spkiKeyId(pointToSpki(pair.point));
const shown = (pair: FixedPair): object => ({ scalar: pair.scalar, point: pair.point, spki: pointToSpki(pair.point), keyId: keyId(pair) });
const shownMessage = ({ message, tbs, signature, bytes }: SignedMessage<unknown>): object => ({ fields: message, tbs, signature, bytes });

const HELLO: Hello = {
  meterId: METER,
  epoch: 258,
  suite: 1,
  ephemeral: meterEphemeral.point,
  nonce: seed('hello nonce', 16),
  agreementKeyId: keyId(agreement),
};

/** `handshake.json`: both sides with fixed ephemerals up to the epoch's keys, the other signed messages, and refusals. */
export async function handshakeVectors(): Promise<object> {
  const hello = await encodeHello(HELLO, identity.sign);
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
    handshakeKeyId: keyId(handshake),
  };
  const accept = await encodeAccept(acceptFields, handshake.sign);
  const epochIs = await encodeEpochIs({ meterId: METER, nonce: HELLO.nonce, epoch: 300 }, handshake.sign);
  const renewal = await encodeRenewal({ meterId: METER, csr: Buffer.concat([seed('csr 1'), seed('csr 2')]) }, identity.sign);
  const z1 = ecdh(meterEphemeral.privateKey, agreement.point);
  const z2 = ecdh(meterEphemeral.privateKey, mdmsEphemeral.point);
  const epochSecret = agreeEpochSecret(hello.tbs, accept.tbs, z1, z2);
  return {
    keys: {
      identity: shown(identity),
      handshake: shown(handshake),
      agreement: shown(agreement),
      meterEphemeral: shown(meterEphemeral),
      mdmsEphemeral: shown(mdmsEphemeral),
    },
    hello: shownMessage(hello),
    accept: shownMessage(accept),
    epochIs: shownMessage(epochIs),
    renewal: shownMessage(renewal),
    z1,
    z2,
    epochSecret,
    confirmation: epochKeys(epochSecret).confirmation,
    refusedHello: await refusedHellos(hello),
  };
}

/** Rightly signed, but for those that say so. */
async function refusedHellos(hello: SignedMessage<Hello>): Promise<object[]> {
  const signed = async (fields: Buffer[], context: string = CONTEXT.hello) =>
    (await signMessage(context, undefined, cborArray(fields), identity.sign)).bytes;
  const head = [cborUint(1), cborUint(1), cborBytes(Buffer.from(METER, 'hex'))];
  const tail = [cborBytes(HELLO.nonce), cborBytes(Buffer.from(HELLO.agreementKeyId, 'hex'))];
  const point = cborBytes(HELLO.ephemeral);
  const middle = [cborUint(HELLO.epoch), cborUint(1), point];
  const offCurve = cborBytes(Buffer.concat([Buffer.of(2), Buffer.alloc(31), Buffer.of(1)]));
  const uncompressed = cborBytes(pointToSpki(HELLO.ephemeral).subarray(26));
  return [
    { name: 'high S', stage: 'layout', bytes: Buffer.concat([hello.bytes.subarray(0, -64), twin(hello.signature)]) },
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
