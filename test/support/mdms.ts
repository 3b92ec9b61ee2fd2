import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { createCsr } from '../../devices/meter/csr.ts';
import { type MeterOptions, type MeterOutput, ReferenceMeter } from '../../devices/meter/meter.ts';
import { MemoryNvram } from '../../devices/meter/nvram.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import type { Channel } from '../../events/meter.ts';
import { signerOf } from '../../protocol/cose.ts';
import {
  ACK_SLOTS,
  type DownlinkType,
  encodeAck,
  encodeDownlink,
  encodeResend,
  encodeTime,
  type ResendSpan,
} from '../../protocol/downlink.ts';
import { FrameOpener, readHeader } from '../../protocol/frame.ts';
import {
  type Accept,
  ecdh,
  encodeAccept,
  encodeEpochIs,
  ephemeralPair,
  helloHashOf,
  parseHello,
  parseRenewal,
  spkiKeyId,
  verifySigned,
} from '../../protocol/handshake.ts';
import { agreeEpochSecret, EPOCH, type EpochKeys, epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodeManifest, type ManifestKey } from '../../protocol/manifest.ts';
import { decodePlaintext, type Plaintext, type ReadingPlain } from '../../protocol/plaintext.ts';
import { chainStep, type DailySeal, dayChainStart, encodeRecord, parseSeal, type SignedSeal } from '../../protocol/profile.ts';
import { defencesUnderTest } from './defences.ts';
import { MemoryCa } from './memory-ca.ts';

const DAY = 86_400_000;
/** A Monday, 00:00 UTC. */
export const T0 = Date.UTC(2026, 0, 5);

export const ENERGY_IMPORT: Channel = {
  obis: '1-0:1.8.0',
  direction: 'import',
  unit: 'Wh',
  scale: 1,
  dials: 8,
  multiplier: 1,
  validFrom: 0,
};

export interface OpenedFrame {
  readonly epoch: number;
  readonly generation: number;
  readonly counter: number;
  readonly plain: Plaintext;
  readonly bytes: Buffer;
}

function pair(): { privateKey: KeyObject; publicKey: KeyObject; spki: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { privateKey, publicKey, spki: publicKey.export({ type: 'spki', format: 'der' }) };
}

/** The other side of one meter, as small as it gets: keys in memory, no events, every frame opened at once. */
export class TestMdms {
  readonly root = pair();
  readonly agreement = pair();
  readonly handshake = pair();
  readonly #opener = new FrameOpener();
  readonly secrets = new Map<number, EpochKeys>();
  readonly #secretsRaw = new Map<number, Buffer>();
  readonly #answered = new Map<string, Buffer>();
  readonly opened: OpenedFrame[] = [];
  /** Slots by channel and interval end, UTC seconds. */
  readonly slots = new Map<string, number | null>();
  highest = 0;
  dnSeq = 0;

  manifestKeys(): ManifestKey[] {
    const valid = { notBefore: 0, notAfter: T0 + 3650 * DAY };
    return [
      { keyId: spkiKeyId(this.agreement.spki), use: 'agreement', spki: this.agreement.spki, ...valid },
      { keyId: spkiKeyId(this.handshake.spki), use: 'handshake', spki: this.handshake.spki, ...valid },
    ];
  }

  manifest(version = 1, keys = this.manifestKeys()): Promise<Buffer> {
    return encodeManifest({ version, issuedAt: T0, keys }, signerOf(this.root.privateKey));
  }

  /** @returns ACCEPT; EPOCH-IS for an epoch that can't be used; undefined for a stranger's HELLO */
  async answer(hello: Buffer, identityKey: KeyObject, now: number, change: Partial<Accept> = {}): Promise<Buffer | undefined> {
    const signed = parseHello(hello);
    if (!verifySigned(signed, identityKey)) return undefined;
    const known = this.#answered.get(hello.toString('hex'));
    if (known !== undefined) return known;
    const { meterId, epoch, nonce } = signed.message;
    if (epoch <= this.highest || epoch > this.highest + EPOCH.helloAhead) {
      return (await encodeEpochIs({ meterId, nonce, epoch: this.highest }, signerOf(this.handshake.privateKey))).bytes;
    }
    this.highest = epoch;
    const accept = await this.acceptOf(hello, now, change);
    this.#answered.set(hello.toString('hex'), accept);
    return accept;
  }

  async acceptOf(hello: Buffer, now: number, change: Partial<Accept> = {}): Promise<Buffer> {
    const signed = parseHello(hello);
    const own = ephemeralPair();
    const accept = await encodeAccept(
      {
        meterId: signed.message.meterId,
        epoch: signed.message.epoch,
        suite: signed.message.suite,
        ephemeral: own.point,
        helloHash: helloHashOf(signed),
        notBefore: now,
        notAfter: now + EPOCH.sealDays * DAY,
        messageLimit: EPOCH.messageLimit,
        utc: now,
        midnights: midnightsAfter(now),
        handshakeKeyId: spkiKeyId(this.handshake.spki),
        ...change,
      },
      signerOf(this.handshake.privateKey),
    );
    const z1 = ecdh(this.agreement.privateKey, signed.message.ephemeral);
    const secret = agreeEpochSecret(signed.tbs, accept.tbs, z1, ecdh(own.privateKey, signed.message.ephemeral));
    this.secrets.set(signed.message.epoch, epochKeys(secret));
    this.#secretsRaw.set(signed.message.epoch, secret);
    return accept.bytes;
  }

  /** @throws when the frame does not open */
  open(frame: Buffer): OpenedFrame {
    const { epoch, generation, counter } = readHeader(frame, 0);
    const keys = generationOf(this.secrets.get(epoch)!.chain0, generation);
    const plaintext = this.#opener.open(frame, 0, frame.length, keys);
    if (plaintext === undefined) throw new Error('frame does not open');
    const opened = { epoch, generation, counter, plain: decodePlaintext(plaintext), bytes: frame };
    this.opened.push(opened);
    if (opened.plain.kind === 'reading') this.#store(opened.plain);
    return opened;
  }

  downlink(type: DownlinkType, meterId: string, epoch: number, body: Buffer): Buffer {
    this.dnSeq += 1;
    return encodeDownlink({ type, meterId, epoch, dnSeq: this.dnSeq, body }, this.secrets.get(epoch)!.macDown);
  }

  resend(meterId: string, epoch: number, spans: readonly ResendSpan[]): Buffer {
    return this.downlink('resend', meterId, epoch, encodeResend({ spans }));
  }

  time(meterId: string, epoch: number, utc: number): Buffer {
    return this.downlink('time', meterId, epoch, encodeTime({ utc, midnights: midnightsAfter(utc) }));
  }

  /** What was opened of these channels, from `start` on (UTC seconds). */
  ack(meterId: string, epoch: number, start: number, minutes: number, held: readonly number[] = [], channels = 1): Buffer {
    const step = minutes * 60;
    const body = Array.from({ length: channels }, (_, channel) => {
      let end = start;
      while (this.slots.has(`${channel} ${end + step}`)) end += step;
      const bitmap = Buffer.alloc(24);
      const heldBits = Buffer.alloc(24);
      for (let i = 0; i < ACK_SLOTS; i++) {
        if (this.slots.has(`${channel} ${end + (i + 1) * step}`)) bitmap[i >> 3]! |= 1 << (i & 7);
        if (held.includes(end + (i + 1) * step)) heldBits[i >> 3]! |= 1 << (i & 7);
      }
      return { channel, end, bitmap, held: heldBits };
    });
    return this.downlink('ack', meterId, epoch, encodeAck({ channels: body }));
  }

  epochSecrets(): readonly Buffer[] {
    return [...this.#secretsRaw.values()];
  }

  renewalCsr(bytes: Buffer, identityKey: KeyObject): Buffer {
    const signed = parseRenewal(bytes);
    if (!verifySigned(signed, identityKey)) throw new Error('renewal is not signed by the old identity');
    return signed.message.csr;
  }

  #store(plain: ReadingPlain): void {
    plain.deltas.forEach((delta, i) => {
      this.slots.set(`${plain.channel} ${plain.end - (plain.deltas.length - 1 - i) * plain.minutes * 60}`, delta);
    });
  }
}

/** Local midnights of a place one hour east of Greenwich. */
export function midnightsAfter(utc: number): number[] {
  const first = (Math.floor((utc + 3_600_000) / DAY) + 1) * 86_400 - 3_600;
  return Array.from({ length: 14 }, (_, i) => first + i * 86_400);
}

/** Bytes that look random and are the same in every run. */
export function seeded(seed: number): (bytes: number) => Buffer {
  let state = seed >>> 0 || 1;
  return (bytes) => {
    const out = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      state >>>= 0;
      out[i] = state & 0xff;
    }
    return out;
  };
}

const ca = new MemoryCa();

/** A meter with an identity of the test CA, and its MDMS. */
export interface TestRig {
  readonly mdms: TestMdms;
  readonly meter: ReferenceMeter;
  readonly options: MeterOptions;
  readonly identityKey: KeyObject;
  /** Hands everything the meter has to say at `now` to the MDMS and its answers back. @returns what was said */
  turn(now: number): Promise<readonly MeterOutput[]>;
}

export const METER_ID = '02a1b2c3d4e5f607';

export async function certificateFor(csr: Buffer, commonName: string, notAfter: number): Promise<Buffer> {
  return ca.issue('meter', csr, { commonName, notBefore: 0, notAfter });
}

export async function rig(change: Partial<MeterOptions> = {}, mdms = new TestMdms()): Promise<TestRig> {
  const identity = pair();
  const meterId = change.meterId ?? METER_ID;
  const csr = await createCsr(`m-${meterId}`, identity.privateKey);
  const asset = change.asset ?? { intervalMinutes: 15, channels: [ENERGY_IMPORT] };
  const options: MeterOptions = {
    meterId,
    asset,
    identity: { privateKey: identity.privateKey, certificate: await certificateFor(csr, `m-${meterId}`, T0 + 1825 * DAY) },
    rootPublicKey: mdms.root.publicKey,
    manifest: await mdms.manifest(),
    nvram: new MemoryNvram(),
    profile: new ProfileStore({ intervalMinutes: asset.intervalMinutes, channels: asset.channels }),
    readingsPerFrame: 4,
    defences: defencesUnderTest(),
    random: randomBytes,
    slotOffsetMs: 60_000,
    ...change,
  };
  const meter = new ReferenceMeter(options);
  const turn = async (now: number): Promise<readonly MeterOutput[]> => {
    const outputs = await meter.poll(now);
    for (const { kind, bytes } of outputs) {
      if (kind === 'hello') {
        const answer = await mdms.answer(bytes, identity.publicKey, now);
        if (answer !== undefined) await meter.receive(answer, now);
      } else if (kind === 'frame') mdms.open(bytes);
    }
    return outputs;
  };
  return { mdms, meter, options, identityKey: identity.publicKey, turn };
}

/** Measures a quarter hour after the other, up to `to`, polling after each. @returns frames by the poll they came from */
export async function play(
  { meter, turn }: TestRig,
  from: number,
  to: number,
  value: (slot: number) => number | null,
  minutes = 15,
): Promise<{ at: number; output: MeterOutput }[]> {
  const said: { at: number; output: MeterOutput }[] = [];
  for (let end = from + minutes * 60_000; end <= to; end += minutes * 60_000) {
    meter.measure(0, end, value(end / (minutes * 60_000)));
    const at = end + 90_000;
    for (const output of await turn(at)) said.push({ at, output });
  }
  return said;
}

/** A rig whose MDMS acknowledges now, so that the epoch is in force. */
export async function running(change: Partial<MeterOptions> = {}): Promise<TestRig> {
  const r = await rig(change);
  await r.turn(T0);
  await r.meter.receive(r.mdms.ack(r.options.meterId, 1, T0 / 1000, r.options.asset.intervalMinutes), T0);
  return r;
}

/** The same rig with an MDMS that acknowledges whatever came, every time. */
export function acking(r: TestRig): TestRig {
  const turn = async (now: number) => {
    const outputs = await r.turn(now);
    const { epoch, pendingEpoch } = r.meter.status;
    if (outputs.length > 0) await r.meter.receive(r.mdms.ack(METER_ID, pendingEpoch ?? epoch ?? 1, T0 / 1000, 15), now);
    return outputs;
  };
  return { ...r, turn };
}

/** Everything the MDMS opened of one kind. */
export function openedOf<K extends Plaintext['kind']>({ mdms }: TestRig, kind: K): Extract<Plaintext, { kind: K }>[] {
  return mdms.opened.map(({ plain }) => plain).filter((plain): plain is Extract<Plaintext, { kind: K }> => plain.kind === kind);
}

/** The daily seals that came. */
export function sealsOf(r: TestRig): (SignedSeal & { readonly bytes: Buffer })[] {
  return openedOf(r, 'seal').map(({ seal }) => parseSeal(seal));
}

/** What an auditor computes from the readings that came: the head of channel 0 at the end of a sealed day. */
export function headOf(seal: DailySeal, r: TestRig): Buffer {
  let head = dayChainStart(METER_ID, 0, seal.start, seal.salt);
  let register = seal.channels[0]!.registerStart;
  for (let hour = seal.start; hour < seal.end; hour += 3600) {
    const records: Buffer[] = [];
    for (let end = hour + 900; end <= Math.min(hour + 3600, seal.end); end += 900) {
      const value = r.mdms.slots.get(`0 ${end}`);
      if (value === undefined || value === null) continue;
      register += value;
      records.push(encodeRecord({ end, register, value, flags: 0 }));
    }
    head = chainStep(head, records);
  }
  return head;
}
