import { generateKeyPairSync, type KeyObject } from 'node:crypto';
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
import { dayKeyBy, type TestDayKey } from './day-key.ts';

const DAY = 86_400_000;
/** A Monday, 00:00 UTC. */
export const T0 = Date.UTC(2026, 0, 5);

export interface OpenedFrame {
  readonly epoch: number;
  readonly generation: number;
  readonly counter: number;
  readonly plain: Plaintext;
  readonly bytes: Buffer;
}

/** A P-256 pair with its SPKI. */
export function pair(): { privateKey: KeyObject; publicKey: KeyObject; spki: Buffer } {
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
  #dayKey: TestDayKey | undefined;
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
      const { dayKey, sign } = await this.dayKey(now);
      return (await encodeEpochIs({ meterId, nonce, epoch: this.highest, dayKey }, sign)).bytes;
    }
    this.highest = epoch;
    const accept = await this.acceptOf(hello, now, change);
    this.#answered.set(hello.toString('hex'), accept);
    return accept;
  }

  /** The key of the day. */
  async dayKey(now: number): Promise<TestDayKey> {
    const { notBefore = 0, notAfter = 0 } = this.#dayKey?.dayKey.message ?? {};
    if (this.#dayKey === undefined || now < notBefore || now >= notAfter) this.#dayKey = await dayKeyBy(this.handshake, now);
    return this.#dayKey;
  }

  async acceptOf(hello: Buffer, now: number, change: Partial<Accept> = {}): Promise<Buffer> {
    const signed = parseHello(hello);
    const own = ephemeralPair();
    const { dayKey, sign } = await this.dayKey(now);
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
        dayKey,
        ...change,
      },
      sign,
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
function midnightsAfter(utc: number): number[] {
  const first = (Math.floor((utc + 3_600_000) / DAY) + 1) * 86_400 - 3_600;
  return Array.from({ length: 14 }, (_, i) => first + i * 86_400);
}
