import {
  classifyDownlink,
  decodeAck,
  decodeCertificate,
  decodeResend,
  decodeTime,
  type OpenedDownlink,
  openDownlink,
} from '../../protocol/downlink.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import type { Keyring } from './keyring.ts';
import type { ProfileStore } from './profile-store.ts';
import type { ResendQueue } from './resend-queue.ts';

/** What a downlink may set going in the meter; there is nothing here that switches a load. */
interface Obeyed {
  accept(bytes: Buffer): void;
  epochIs(bytes: Buffer): void;
  keys(manifest: Buffer): void;
  newEpoch(): void;
  time(utc: number, midnights: readonly number[]): void;
  certificate(der: Buffer): void;
}

interface DownlinkOptions {
  readonly meterId: string;
  readonly keyring: Keyring;
  readonly profile: ProfileStore;
  readonly resends: ResendQueue;
  readonly defences: { readonly downlinkMac: boolean; readonly downlinkAllowList: boolean };
}

/**
 * Obeys one message or throws. A message under an epoch's MAC counts once: its sequence must be higher than any before
 * under that epoch, and the NVRAM knows it before it is obeyed.
 * @param at UTC seconds of the meter's clock @throws ProtocolRefusal
 * @source X.1332 8 (abuse of load control), 10.1 (message authentication)
 */
export function obey(bytes: Buffer, at: number, options: DownlinkOptions, obeyed: Obeyed): void {
  const form = classifyDownlink(bytes);
  if (form === 'accept') obeyed.accept(bytes);
  else if (form === 'epoch-is') obeyed.epochIs(bytes);
  else if (form === 'keys') obeyed.keys(bytes);
  else if (form === 'mac') act(open(bytes, options), at, options, obeyed);
  else throw refused('layout');
}

function open(bytes: Buffer, { meterId, keyring, defences }: DownlinkOptions): OpenedDownlink {
  const checks = { verifyMac: defences.downlinkMac, allowList: defences.downlinkAllowList };
  const message = openDownlink(bytes, (epoch) => keyring.macKey(epoch), checks);
  if (message.meterId !== meterId) throw refused('meter');
  const place = keyring.placeOf(message.epoch)!;
  const fresh = message.dnSeq > (keyring[place]?.dnSeq ?? 0);
  if (!fresh && defences.downlinkMac) throw refused('sequence');
  if (fresh && !keyring.advanceDownlink(place, message.dnSeq)) throw refused('nvram');
  if (place === 'pending' && !keyring.promote()) throw refused('nvram');
  return message;
}

function act({ type, body }: OpenedDownlink, at: number, { profile, resends }: DownlinkOptions, obeyed: Obeyed): void {
  const acts: Readonly<Record<OpenedDownlink['type'], () => void>> = {
    ack: () => acknowledge(body, at, profile),
    resend: () => resends.ask(decodeResend(body).spans, at),
    'epoch-request': () => obeyed.newEpoch(),
    time: () => {
      const { utc, midnights } = decodeTime(body);
      obeyed.time(utc, midnights);
    },
    keys: () => obeyed.keys(body),
    certificate: () => obeyed.certificate(decodeCertificate(body).certificate),
    unlisted: () => {},
  };
  acts[type]();
}

function acknowledge(body: Buffer, at: number, profile: ProfileStore): void {
  for (const { channel, end, bitmap, held } of decodeAck(body).channels) {
    const ring = profile.channels[channel];
    if (ring === undefined) throw refused('channel');
    ring.acknowledgeTo(end);
    for (let i = 0; i < bitmap.length * 8; i++) {
      const slotEnd = end + (i + 1) * profile.intervalSeconds;
      if (bit(bitmap, i)) ring.acknowledge(slotEnd);
      else if (bit(held, i)) ring.hold(slotEnd, at);
    }
  }
}

function bit(bits: Buffer, i: number): boolean {
  return (bits[i >>> 3]! & (1 << (i & 7))) !== 0;
}

function refused(reason: string): ProtocolRefusal {
  return new ProtocolRefusal('ERR_DOWNLINK_REFUSED', reason);
}
