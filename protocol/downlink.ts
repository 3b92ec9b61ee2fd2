import type { KeyObject } from 'node:crypto';
import { CborReader, cborArray, cborBytes, cborUint } from './cbor.ts';
import { CONTEXT, looksMaced, MESSAGE_LIMIT, macMatches, macMessage, macTag, parseMaced } from './cose.ts';
import { signedMessageType } from './envelope.ts';
import { readMidnights } from './handshake.ts';

const CODE = 'ERR_DOWNLINK_REFUSED';
const U16 = 0xffff;
const U32 = 0xffff_ffff;

/** All a meter obeys. No entry switches a load, and none ever may. @source X.1332 8 */
export const DOWNLINK_TYPES = { ack: 1, 'epoch-request': 2, time: 3, resend: 4, keys: 5, certificate: 6 } as const;
export type DownlinkType = keyof typeof DOWNLINK_TYPES;

const TYPE_OF_CODE = new Map<number, DownlinkType>(Object.entries(DOWNLINK_TYPES).map(([type, code]) => [code, type as DownlinkType]));

export interface DownlinkMessage {
  readonly type: DownlinkType;
  readonly meterId: string;
  readonly epoch: number;
  /** 1 to 2^32 - 1, rising per meter over all its epochs. */
  readonly dnSeq: number;
  readonly body: Buffer;
}

/** `unlisted` exists only with the allow-list off. */
export type OpenedDownlink = Omit<DownlinkMessage, 'type'> & { readonly type: DownlinkType | 'unlisted' };

/** COSE_Mac0 over `[type, meterId, epoch, dnSeq, body]`. @throws ERR_DOWNLINK_REFUSED when larger than 4 KB */
export function encodeDownlink(message: DownlinkMessage, macKey: KeyObject): Buffer {
  return encodeDownlinkCode(DOWNLINK_TYPES[message.type], message, macKey);
}

/** The same with any type number, so that tests can show an unlisted one refused. */
export function encodeDownlinkCode(code: number, message: Omit<DownlinkMessage, 'type'>, macKey: KeyObject): Buffer {
  const payload = cborArray([
    cborUint(code),
    cborBytes(Buffer.from(message.meterId, 'hex')),
    cborUint(message.epoch),
    cborUint(message.dnSeq),
    cborBytes(message.body),
  ]);
  const bytes = macMessage(CONTEXT.down, payload, macKey);
  if (bytes.length > MESSAGE_LIMIT) new CborReader(bytes, CODE).refuse('size');
  return bytes;
}

/**
 * Layout, then MAC, then allow-list. That the message is for this meter and its sequence is new is the caller's.
 * @param macKeyOf key of the meter's own epochs @throws ERR_DOWNLINK_REFUSED
 */
export function openDownlink(
  bytes: Buffer,
  macKeyOf: (epoch: number) => KeyObject | undefined,
  options: { verifyMac?: boolean; allowList?: boolean } = {},
): OpenedDownlink {
  const { payload, tag } = parseMaced(bytes, CODE);
  const reader = new CborReader(payload, CODE);
  reader.array(5);
  const code = reader.uint(0, U16);
  const meterId = reader.bytes(8).toString('hex');
  const epoch = reader.uint(1, U16);
  const dnSeq = reader.uint(1, U32);
  const body = reader.bytes(0, MESSAGE_LIMIT);
  reader.end();
  const macKey = macKeyOf(epoch);
  if (macKey === undefined) return reader.refuse('epoch');
  if ((options.verifyMac ?? true) && !macMatches(macTag(CONTEXT.down, payload, macKey), tag)) reader.refuse('mac');
  const type = TYPE_OF_CODE.get(code);
  if (type === undefined && (options.allowList ?? true)) reader.refuse('type');
  return { type: type ?? 'unlisted', meterId, epoch, dnSeq, body };
}

/** What the profile of one meter is known to hold; sent only after the durable commit. */
export interface AckBody {
  readonly channels: readonly AckChannel[];
}

export interface AckChannel {
  /** 0 to 255. */
  readonly channel: number;
  /** UTC s, end of the contiguous accepted span. */
  readonly end: number;
  /** 24 bytes for the next 192 slots, least significant bit first: bit i = the slot ending (i + 1) intervals after `end`. */
  readonly bitmap: Buffer;
  /** Same places: held in quarantine, not to be sent again for 24 h. */
  readonly held: Buffer;
}

const BITMAP_BYTES = 24;
/** Slots that a bitmap speaks of. */
export const ACK_SLOTS = BITMAP_BYTES * 8;
const MAX_CHANNELS = 8;
const MAX_SPANS = 64;

export function encodeAck(body: AckBody): Buffer {
  return cborArray(
    body.channels.map(({ channel, end, bitmap, held }) =>
      cborArray([cborUint(channel), cborUint(end), cborBytes(bitmap), cborBytes(held)]),
    ),
  );
}

/** @throws ERR_DOWNLINK_REFUSED */
export function decodeAck(body: Buffer): AckBody {
  const reader = new CborReader(body, CODE);
  const count = reader.array(1, MAX_CHANNELS);
  const channels: AckChannel[] = [];
  for (let i = 0; i < count; i++) {
    reader.array(4);
    channels.push({
      channel: reader.uint(0, 0xff),
      end: reader.uint(0, U32),
      bitmap: reader.bytes(BITMAP_BYTES),
      held: reader.bytes(BITMAP_BYTES),
    });
  }
  reader.end();
  return { channels };
}

export interface ResendBody {
  /** Interval ends, UTC s, both included; 1 to 64 spans. */
  readonly spans: readonly ResendSpan[];
}

export interface ResendSpan {
  readonly channel: number;
  readonly from: number;
  readonly to: number;
}

export function encodeResend(body: ResendBody): Buffer {
  return cborArray(body.spans.map(({ channel, from, to }) => cborArray([cborUint(channel), cborUint(from), cborUint(to)])));
}

/** @throws ERR_DOWNLINK_REFUSED */
export function decodeResend(body: Buffer): ResendBody {
  const reader = new CborReader(body, CODE);
  const count = reader.array(1, MAX_SPANS);
  const spans: ResendSpan[] = [];
  for (let i = 0; i < count; i++) {
    reader.array(3);
    const channel = reader.uint(0, 0xff);
    const from = reader.uint(0, U32);
    spans.push({ channel, from, to: reader.uint(from, U32) });
  }
  reader.end();
  return { spans };
}

export interface TimeBody {
  /** UTC ms. */
  readonly utc: number;
  /** UTC seconds of the next 14 local midnights, rising. */
  readonly midnights: readonly number[];
}

export function encodeTime(body: TimeBody): Buffer {
  return cborArray([cborUint(body.utc), cborArray(body.midnights.map(cborUint))]);
}

/** @throws ERR_DOWNLINK_REFUSED */
export function decodeTime(body: Buffer): TimeBody {
  const reader = new CborReader(body, CODE);
  reader.array(2);
  const utc = reader.uint();
  const midnights = readMidnights(reader);
  reader.end();
  return { utc, midnights };
}

/** The renewed certificate of the meter's identity, X.509 DER. */
export interface CertificateBody {
  readonly certificate: Buffer;
}

const MAX_CERTIFICATE = 3072;

export function encodeCertificate(body: CertificateBody): Buffer {
  return cborArray([cborBytes(body.certificate)]);
}

/** @throws ERR_DOWNLINK_REFUSED */
export function decodeCertificate(body: Buffer): CertificateBody {
  const reader = new CborReader(body, CODE);
  reader.array(1);
  const certificate = reader.bytes(1, MAX_CERTIFICATE);
  reader.end();
  return { certificate };
}

/** What bytes on the way to a meter claim to be: signed messages have no MAC, since they come before or outside an epoch. */
export function classifyDownlink(bytes: Buffer): 'accept' | 'epoch-is' | 'keys' | 'mac' | undefined {
  if (looksMaced(bytes)) return 'mac';
  const type = signedMessageType(bytes);
  if (type === 'epochIs') return 'epoch-is';
  return type === 'accept' || type === 'keys' ? type : undefined;
}
