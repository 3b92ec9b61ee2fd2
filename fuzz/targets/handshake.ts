import { createSecretKey } from 'node:crypto';
import { isLowS, type Signer, signerOf } from '../../protocol/cose.ts';
import { certifyDayKey, type DayKey, parseDayKey } from '../../protocol/day-key.ts';
import * as downlink from '../../protocol/downlink.ts';
import * as handshake from '../../protocol/handshake.ts';
import { encodeManifest, openManifest } from '../../protocol/manifest.ts';
import { encodeSeal, parseSeal } from '../../protocol/profile.ts';
import type { RefusalCode } from '../../protocol/refusal.ts';
import { benchPair } from '../keys.ts';
import { Broken, type FuzzTarget, same } from '../target.ts';

const METER = '00124b00060d7a11';
const NOW = 1_700_000_000_000;
const [identity, root, day] = [benchPair('meter'), benchPair('root'), benchPair('day')];
const sign = signerOf(identity.privateKey);
const spki = root.publicKey.export({ type: 'spki', format: 'der' });
const point = handshake.spkiToPoint(day.publicKey.export({ type: 'spki', format: 'der' }));
const midnights = Array.from({ length: 14 }, (_, i) => 1_700_006_400 + i * 86_400);
const macKey = createSecretKey(Buffer.alloc(32, 5));
const dayKey = (): DayKey => ({ point, notBefore: NOW, notAfter: NOW + 3_600_000, handshakeKeyId: handshake.spkiKeyId(spki) });

/** Gives the signature back that was there, so that written again it has to be the same bytes. */
const again =
  (signature: Buffer): Signer =>
  () =>
    signature;

async function signedSeeds(): Promise<Buffer[]> {
  const certified = await certifyDayKey(dayKey(), signerOf(root.privateKey));
  const at = { meterId: METER, epoch: 3, suite: 1, ephemeral: point };
  const hello = await handshake.encodeHello({ ...at, nonce: Buffer.alloc(16, 1), agreementKeyId: '0123456789abcdef' }, sign);
  const times = { notBefore: NOW, notAfter: NOW + 864_000_000, messageLimit: 65_536, utc: NOW + 5, midnights };
  const accept = { ...at, ...times, helloHash: handshake.helloHashOf(hello), dayKey: certified };
  return [
    certified.bytes,
    hello.bytes,
    (await handshake.encodeAccept(accept, sign)).bytes,
    (await handshake.encodeEpochIs({ meterId: METER, nonce: Buffer.alloc(16, 2), epoch: 7, dayKey: certified }, sign)).bytes,
    (await handshake.encodeRenewal({ meterId: METER, csr: Buffer.alloc(40, 3) }, sign)).bytes,
  ];
}

type Parsed = { readonly message: never; readonly bytes: Buffer; readonly signature: Buffer };

/** Readers and writers of what is signed; each input is shown to all of them, one at most may take it. */
const SIGNED: readonly [(bytes: Buffer) => unknown, (message: never, sign: Signer) => Promise<{ readonly bytes: Buffer }>][] = [
  [parseDayKey, certifyDayKey],
  [handshake.parseHello, handshake.encodeHello],
  [handshake.parseAccept, handshake.encodeAccept],
  [handshake.parseEpochIs, handshake.encodeEpochIs],
  [handshake.parseRenewal, handshake.encodeRenewal],
];

async function readSigned(input: Buffer): Promise<boolean> {
  let taken = 0;
  let refused: unknown;
  for (const [read, write] of SIGNED) {
    let parsed: Parsed;
    try {
      parsed = read(input) as Parsed;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_HANDSHAKE_REFUSED') throw error;
      refused = error;
      continue;
    }
    taken++;
    same('signed message', (await write(parsed.message, again(parsed.signature))).bytes, input);
  }
  if (taken > 1) throw new Broken('one message, two meanings');
  if (taken === 0) throw refused;
  return true;
}

const BODIES: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  ack: (body) => downlink.encodeAck(downlink.decodeAck(body)),
  time: (body) => downlink.encodeTime(downlink.decodeTime(body)),
  resend: (body) => downlink.encodeResend(downlink.decodeResend(body)),
  certificate: (body) => downlink.encodeCertificate(downlink.decodeCertificate(body)),
};

/** With the MAC nothing but ours is taken; without, every body is read as its type says. */
function readDownlink(input: Buffer): boolean {
  downlink.classifyDownlink(input);
  const { type, meterId, epoch, dnSeq, body } = downlink.openDownlink(input, () => macKey, { verifyMac: false });
  if (type === 'unlisted') throw new Broken('a type that is not on the list');
  const written = BODIES[type]?.(body);
  if (written !== undefined) same(type, written, body);
  const sent = downlink.encodeDownlink({ type, meterId, epoch, dnSeq, body }, macKey);
  return same('downlink', sent.subarray(0, -32), input.subarray(0, -32));
}

function downlinkSeeds(): Buffer[] {
  const ack = { channel: 0, end: 1_700_000_100, bitmap: Buffer.alloc(24, 1), held: Buffer.alloc(24) };
  const bodies = {
    ack: downlink.encodeAck({ channels: [ack, { ...ack, channel: 1 }] }),
    time: downlink.encodeTime({ utc: NOW, midnights }),
    resend: downlink.encodeResend({ spans: [{ channel: 0, from: 5, to: 9 }] }),
    certificate: downlink.encodeCertificate({ certificate: Buffer.alloc(30, 4) }),
  };
  return Object.entries(bodies).map(([type, body]) =>
    downlink.encodeDownlink({ type: type as 'ack', meterId: METER, epoch: 3, dnSeq: 4, body }, macKey),
  );
}

async function sealSeeds(): Promise<Buffer[]> {
  const channel = { headEnd: Buffer.alloc(32, 1), registerStart: 5, registerEnd: 900, slots: 96 };
  const seal = { meterId: METER, tableVersion: 1, day: 9, start: 1_700_006_400, end: 1_700_092_800, clockStatus: 1 };
  const made = (channels: number) =>
    encodeSeal({ ...seal, salt: Buffer.alloc(16, 2), previous: Buffer.alloc(32, 3), channels: Array(channels).fill(channel) }, sign);
  return (await Promise.all([1, 2, 4].map(made))).map(({ bytes }) => bytes);
}

async function manifestSeeds(): Promise<Buffer[]> {
  const key = { keyId: handshake.spkiKeyId(spki), use: 'agreement' as const, spki, notBefore: 1, notAfter: 9 };
  return [await encodeManifest({ version: 2, issuedAt: NOW, keys: [key] }, signerOf(root.privateKey))];
}

const HEAD = Buffer.from('84', 'hex');
const dictionary = [HEAD, Buffer.from('43a10126a0', 'hex'), Buffer.of(0x58, 0x40), Buffer.of(0x1b), Buffer.of(0x19, 0xff, 0xff), 'JK1'];
const target = (name: string, what: string, share: number, code: RefusalCode) => ({
  ...{ name, what, share, dictionary, covers: ['protocol/'], mostBytes: 4_200, codes: [code] },
});

export const HANDSHAKE_TARGETS: readonly FuzzTarget[] = [
  { ...target('handshake', 'HELLO, ACCEPT, EPOCH-IS, renewal, day key', 8, 'ERR_HANDSHAKE_REFUSED'), seeds: signedSeeds, run: readSigned },
  { ...target('downlink', 'what a meter is told', 8, 'ERR_DOWNLINK_REFUSED'), seeds: downlinkSeeds, run: readDownlink },
  {
    ...target('seal', 'daily seal of a meter', 10, 'ERR_SEAL_REFUSED'),
    seeds: sealSeeds,
    run: async (input) => {
      const { seal, signature, bytes } = parseSeal(input);
      // The other form of the same signature is refused where it is verified.
      if (isLowS(signature)) same('seal', (await encodeSeal(seal, again(signature))).bytes, bytes);
      return true;
    },
  },
  {
    ...target('manifest', 'keys of the MDMS as meters get them', 4, 'ERR_MANIFEST_REFUSED'),
    seeds: manifestSeeds,
    run: (input) => openManifest(input, root.publicKey, 1) !== undefined,
  },
];
