import { createSecretKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readBatch, readParcel } from '../../protocol/batch.ts';
import { type DaySigned, verifyDaySigned } from '../../protocol/day-key.ts';
import { openDownlink } from '../../protocol/downlink.ts';
import { checkFrame, FrameOpener, readHeader } from '../../protocol/frame.ts';
import { parseAccept, parseEpochIs, parseHello, pointToSpki, type SignedMessage, verifySigned } from '../../protocol/handshake.ts';
import { openManifest } from '../../protocol/manifest.ts';
import { checkPlaintext, decodePlaintext } from '../../protocol/plaintext.ts';
import { parseSeal, verifySeal } from '../../protocol/profile.ts';
import { makeVectors, VECTORS_FOLDER } from '../../tools/make-vectors.ts';
import { pairOf, signDeterministic } from '../../tools/vectors/deterministic.ts';
import { defencesUnderTest } from '../support/defences.ts';
import * as second from './second-implementation.ts';
import { refusal } from './support.ts';

const { bin, hexOf } = second;
const hex = (text: string) => Buffer.from(text, 'hex');
const names = readdirSync(VECTORS_FOLDER).sort();

interface Keyed {
  scalar: string;
  point: string;
}
interface Case {
  name: string;
  stage: string;
  bytes: string;
}
interface Files {
  'ladder.json': {
    input: Record<'helloTbs' | 'acceptTbs' | 'z1' | 'z2', string>;
    generations: Record<'chain' | 'key' | 'iv', string>[];
  } & Record<'salt' | 'prk' | 'epochSecret' | 'chain0' | 'macDown' | 'confirmation', string>;
  'plaintext.json': { cases: { fields: object; bytes: string }[]; refused: Case[] };
  'frame.json': {
    key: string;
    iv: string;
    cases: { name: string; header: object; plaintext: string; frame: string }[];
    refused: { name: string; stage: 'layout' | 'algorithm' | 'tag'; frame: string }[];
  };
  'handshake.json': {
    keys: Record<
      'identity' | 'handshake' | 'dayKey' | 'agreement' | 'meterEphemeral' | 'mdmsEphemeral',
      Keyed & { spki: string; keyId: string }
    >;
    refusedHello: Case[];
    refusedAccept: Case[];
    refusedEpochIs: Case[];
  } & Record<'hello' | 'dayKey' | 'accept' | 'epochIs' | 'renewal', { tbs: string; signature: string; bytes: string }> &
    Record<'z1' | 'z2' | 'epochSecret' | 'confirmation', string>;
  'downlink.json': { macKey: string; epoch: number; cases: { message: { body: string; dnSeq: number }; bytes: string }[]; refused: Case[] };
  'profile.json': {
    chain: {
      meterId: string;
      channel: number;
      dayStart: number;
      salt: string;
      start: string;
      hours: { records: { bytes: string }[]; head: string }[];
    };
    identity: Keyed;
    seals: { fields: object; bytes: string; headStart: string[]; hash: string }[];
    refused: Case[];
  };
  'manifest.json': { root: Keyed; lastVersion: number; bytes: string; refused: (Case & { lastVersion: number })[] };
  'batch.json': {
    batch: { sequence: number; frames: { receivedAt: number; bytes: string }[]; bytes: string };
    parcel: { items: object[]; bytes: string };
    refusedBatch: Case[];
    refusedParcel: Case[];
  };
}

const vectors = <Name extends keyof Files>(name: Name): Files[Name] =>
  JSON.parse(readFileSync(VECTORS_FOLDER + name, 'utf8')) as Files[Name];
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, inner) => (isBufferJson(inner) ? Buffer.from(inner.data).toString('hex') : inner)));
const isBufferJson = (value: unknown): value is { data: number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
const publicKey = (keyed: Keyed) => pairOf(hex(keyed.scalar)).publicKey;

/** Which of the two signatures of an answer does not verify. */
function refusedStage(signed: SignedMessage<DaySigned>, handshakeKey: KeyObject): 'certificate' | 'signature' | undefined {
  const verified = verifyDaySigned(signed, handshakeKey);
  if (verified) return undefined;
  return verifySigned(signed.message.dayKey, handshakeKey) ? 'signature' : 'certificate';
}

describe('published vectors', () => {
  it('are what the code makes today, byte for byte: the wire is frozen', async () => {
    const made = await makeVectors();
    expect(names).toEqual([...made.keys()].sort());
    for (const [name, text] of made) expect(readFileSync(VECTORS_FOLDER + name, 'utf8')).toBe(text);
  });

  it('are signed by the published deterministic scheme (RFC 6979 A.2.5)', () => {
    const scalar = hex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721');
    const r = 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716';
    const s = 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8';
    expect(signDeterministic(scalar, Buffer.from('sample')).toString('hex')).toBe(r + s);
  });
});

describe('our own reading of the vectors', () => {
  it('frames open to their plaintexts, and every refused one falls where it should', () => {
    const file = vectors('frame.json');
    const keys = { key: createSecretKey(hex(file.key)), iv: hex(file.iv) };
    const opener = new FrameOpener({ verifyTag: defencesUnderTest().frameTag });
    for (const { header, plaintext, frame } of file.cases.map((c) => ({ ...c, frame: hex(c.frame) }))) {
      expect(readHeader(frame, 0)).toEqual(header);
      expect(opener.open(frame, 0, frame.length, keys)?.toString('hex')).toBe(plaintext);
    }
    for (const { name, stage, frame } of file.refused.map((c) => ({ ...c, frame: hex(c.frame) }))) {
      expect([name, ['tag', 'layout', 'algorithm'][checkFrame(frame, 0, frame.length)]]).toEqual([name, stage]);
      expect([name, opener.open(frame, 0, frame.length, keys)]).toEqual([name, undefined]);
    }
  });

  it('plaintexts decode to their fields, and refused ones do not', () => {
    const file = vectors('plaintext.json');
    for (const { fields, bytes } of file.cases) expect(plain(decodePlaintext(hex(bytes)))).toEqual(fields);
    for (const { name, bytes } of file.refused) expect([name, checkPlaintext(hex(bytes))]).toEqual([name, false]);
  });

  it('HELLOs, seals, manifests, downlinks, batches and parcels are refused where it says', () => {
    const handshake = vectors('handshake.json');
    for (const { name, stage, bytes } of handshake.refusedHello) {
      if (stage === 'layout') refusal('ERR_HANDSHAKE_REFUSED', () => parseHello(hex(bytes)));
      else expect([name, verifySigned(parseHello(hex(bytes)), publicKey(handshake.keys.identity))]).toEqual([name, false]);
    }
    const handshakeKey = publicKey(handshake.keys.handshake);
    for (const { name, stage, bytes } of handshake.refusedAccept) {
      if (stage === 'layout') refusal('ERR_HANDSHAKE_REFUSED', () => parseAccept(hex(bytes)));
      else expect([name, refusedStage(parseAccept(hex(bytes)), handshakeKey)]).toEqual([name, stage]);
    }
    for (const { name, stage, bytes } of handshake.refusedEpochIs)
      expect([name, refusedStage(parseEpochIs(hex(bytes)), handshakeKey)]).toEqual([name, stage]);
    const profile = vectors('profile.json');
    for (const { name, stage, bytes } of profile.refused) {
      if (stage === 'layout') refusal('ERR_SEAL_REFUSED', () => parseSeal(hex(bytes)));
      else expect([name, verifySeal(parseSeal(hex(bytes)), publicKey(profile.identity))]).toEqual([name, false]);
    }
    const manifest = vectors('manifest.json');
    for (const { lastVersion, bytes } of manifest.refused) {
      refusal('ERR_MANIFEST_REFUSED', () => openManifest(hex(bytes), publicKey(manifest.root), lastVersion));
    }
    const downlink = vectors('downlink.json');
    const macKey = createSecretKey(hex(downlink.macKey));
    for (const { stage, bytes } of downlink.refused) {
      expect(refusal('ERR_DOWNLINK_REFUSED', () => openDownlink(hex(bytes), () => macKey))).toBe(stage);
    }
    const batch = vectors('batch.json');
    for (const { bytes } of batch.refusedBatch) refusal('ERR_BATCH_REFUSED', () => readBatch(hex(bytes)));
    for (const { bytes } of batch.refusedParcel) refusal('ERR_BATCH_REFUSED', () => readParcel(hex(bytes)));
  });

  it('ACCEPT and EPOCH-IS verify by the day key that the handshake key certified', () => {
    const { keys, accept, epochIs } = vectors('handshake.json');
    const handshakeKey = publicKey(keys.handshake);
    expect(refusedStage(parseAccept(hex(accept.bytes)), handshakeKey)).toBeUndefined();
    expect(refusedStage(parseEpochIs(hex(epochIs.bytes)), handshakeKey)).toBeUndefined();
  });

  it('seals and manifests verify', () => {
    const profile = vectors('profile.json');
    for (const { fields, bytes } of profile.seals) {
      const signed = parseSeal(hex(bytes));
      expect(verifySeal(signed, publicKey(profile.identity))).toBe(true);
      expect(plain(signed.seal)).toEqual(fields);
    }
    const manifest = vectors('manifest.json');
    expect(openManifest(hex(manifest.bytes), publicKey(manifest.root), manifest.lastVersion).version).toBe(7);
  });
});

describe('a second implementation, from the document alone', () => {
  it('opens every frame and refuses every refused one', async () => {
    const file = vectors('frame.json');
    for (const { plaintext, frame } of file.cases)
      expect(hexOf(await second.openFrame(bin(frame), bin(file.key), bin(file.iv)))).toBe(plaintext);
    for (const { frame } of file.refused) await expect(second.openFrame(bin(frame), bin(file.key), bin(file.iv))).rejects.toThrow();
  });

  it('walks the ladder', async () => {
    const file = vectors('ladder.json');
    const { helloTbs, acceptTbs, z1, z2 } = file.input;
    const keys = await second.ladder(bin(helloTbs), bin(acceptTbs), bin(z1), bin(z2));
    for (const [name, value] of Object.entries(keys)) expect([name, hexOf(value)]).toEqual([name, file[name as keyof typeof keys]]);
    let chain = keys.chain0;
    for (const generation of file.generations) {
      const { key, iv, next } = await second.dayKeys(chain);
      expect([hexOf(chain), hexOf(key), hexOf(iv)]).toEqual([generation.chain, generation.key, generation.iv]);
      chain = next;
    }
    expect(file.generations).toHaveLength(14);
  });

  it('holds the whole handshake, from either side', async () => {
    const { keys, hello, accept, epochIs, renewal, ...file } = vectors('handshake.json');
    await second.openHello(bin(hello.bytes), keys.identity.point);
    const accepted = await second.openAccept(bin(accept.bytes), keys.handshake.point);
    const nonce = (await second.openEpochIs(bin(epochIs.bytes), keys.handshake.point))[1];
    expect(await second.openSigned(bin(renewal.bytes), 'JK1 renew', 4, keys.identity.point)).toHaveLength(2);
    expect(hexOf(accepted[4] as Uint8Array)).toBe(hexOf(second.sha256(bin(hello.tbs))));
    expect(nonce).toEqual((await second.openHello(bin(hello.bytes), keys.identity.point))[4]);
    const agree = (own: Keyed, peer: Keyed) => second.agree(own.scalar, own.point, peer.point);
    const z1 = await agree(keys.meterEphemeral, keys.agreement);
    const z2 = await agree(keys.mdmsEphemeral, keys.meterEphemeral);
    const { epochSecret, confirmation } = await second.ladder(bin(hello.tbs), bin(accept.tbs), z1, z2);
    expect([z1, z2, epochSecret, confirmation].map(hexOf)).toEqual([file.z1, file.z2, file.epochSecret, file.confirmation]);
    expect(hexOf(pointToSpki(hex(keys.agreement.point)))).toBe(keys.agreement.spki);
    for (const refused of file.refusedHello) await expect(second.openHello(bin(refused.bytes), keys.identity.point)).rejects.toThrow();
    const byMdms = keys.handshake.point;
    for (const refused of file.refusedAccept) await expect(second.openAccept(bin(refused.bytes), byMdms), refused.name).rejects.toThrow();
    for (const refused of file.refusedEpochIs) await expect(second.openEpochIs(bin(refused.bytes), byMdms), refused.name).rejects.toThrow();
  });

  it('opens downlinks, manifest and seals, and refuses the refused', async () => {
    const downlink = vectors('downlink.json');
    const open = (bytes: string) => second.openDownlink(bin(bytes), bin(downlink.macKey), downlink.epoch);
    for (const { message, bytes } of downlink.cases) {
      expect((await open(bytes)).slice(3).map((f) => (f instanceof Uint8Array ? hexOf(f) : f))).toEqual([message.dnSeq, message.body]);
    }
    for (const { bytes } of downlink.refused) await expect(open(bytes)).rejects.toThrow();

    const manifest = vectors('manifest.json');
    expect((await second.openManifest(bin(manifest.bytes), manifest.root.point, manifest.lastVersion))[0]).toBe(7);
    for (const { bytes, lastVersion } of manifest.refused) {
      await expect(second.openManifest(bin(bytes), manifest.root.point, lastVersion)).rejects.toThrow();
    }

    const profile = vectors('profile.json');
    for (const { bytes, hash } of profile.seals) {
      await second.openSeal(bin(bytes), profile.identity.point);
      expect(hexOf(second.sha256(bin(bytes)))).toBe(hash);
    }
    for (const { bytes } of profile.refused) await expect(second.openSeal(bin(bytes), profile.identity.point)).rejects.toThrow();
  });

  it('walks the hourly chain', () => {
    const { chain, seals } = vectors('profile.json');
    const place = (channel: number) => bin(`${chain.meterId}0${channel}${chain.dayStart.toString(16).padStart(8, '0')}${chain.salt}`);
    const label = Uint8Array.from(Buffer.from('JK1 chain day'));
    let head = second.sha256(label, place(chain.channel));
    expect(hexOf(head)).toBe(chain.start);
    for (const hour of chain.hours) {
      head = second.sha256(head, ...hour.records.map(({ bytes }) => bin(bytes)));
      expect(hexOf(head)).toBe(hour.head);
    }
    for (const { headStart } of seals)
      expect(headStart).toEqual(headStart.map((_, channel) => hexOf(second.sha256(label, place(channel)))));
  });

  it('splits batch and parcel', () => {
    const { batch, parcel } = vectors('batch.json');
    const u = (n: number, bytes: number) => n.toString(16).padStart(2 * bytes, '0');
    const frames = batch.frames.map((f) => u(f.receivedAt, 6) + u(f.bytes.length / 2, 2) + f.bytes).join('');
    const items = (parcel.items as { meterId: string; bytes: string }[])
      .map((i) => i.meterId + u(i.bytes.length / 2, 2) + i.bytes)
      .join('');
    expect(batch.bytes).toBe(`4a4b4231${u(batch.sequence, 6)}${u(batch.frames.length, 2)}${frames}`);
    expect(parcel.bytes).toBe(`4a4b5031${u(parcel.items.length, 2)}${items}`);
  });
});
