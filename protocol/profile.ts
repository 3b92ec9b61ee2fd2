import { createHash, hash, type KeyObject } from 'node:crypto';
import { CONTEXT, lowS, SIGNATURE_BYTES, type Signer, signatureTbs, verifySignature } from './cose.ts';
import { ProtocolRefusal } from './refusal.ts';

const CODE = 'ERR_SEAL_REFUSED';
const NULL_VALUE = 0xffff;
const U48 = 0xffff_ffff_ffff;
export const RECORD_BYTES = 13;
export const CHAIN_BYTES = 32;
export const DAY_SALT_BYTES = 16;
/** Bytes of the chain head that a reading frame carries. */
export const HEAD_BYTES = 8;
const DAY_LABEL = Buffer.from('JK1 chain day', 'utf8');

/** One slot of one channel as the meter keeps it; its 13 bytes are kept exactly, or the seal can't be checked later. */
export interface ProfileRecord {
  /** Interval end, UTC s. */
  readonly end: number;
  /** Cumulative register at the end, counts of the channel, u48. */
  readonly register: number;
  /** Counts in the interval, 0 to 65534; null = lost. */
  readonly value: number | null;
  /** The FLAG bits that held for the slot, u8. */
  readonly flags: number;
}

/** `end u32, register u48, value u16, flags u8`, big-endian. */
export function encodeRecord(record: ProfileRecord): Buffer {
  const { value } = record;
  if (value !== null && (!Number.isInteger(value) || value < 0 || value >= NULL_VALUE))
    throw new RangeError('value of 0 to 65534 or null expected');
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeUInt32BE(record.end, 0);
  bytes.writeUIntBE(record.register, 4, 6);
  bytes.writeUInt16BE(value ?? NULL_VALUE, 10);
  bytes[12] = record.flags;
  return bytes;
}

/** @param bytes 13 bytes */
export function decodeRecord(bytes: Buffer): ProfileRecord {
  if (bytes.length !== RECORD_BYTES) throw new RangeError('record of 13 bytes expected');
  const value = bytes.readUInt16BE(10);
  return { end: bytes.readUInt32BE(0), register: bytes.readUIntBE(4, 6), value: value === NULL_VALUE ? null : value, flags: bytes[12]! };
}

/**
 * Head of a channel's chain before the first hour of a local day:
 * SHA-256("JK1 chain day", meterId, channel u8, day start u32, salt).
 * @param dayStart UTC s of local midnight @param salt 16 random bytes, new every day, the same for all channels
 */
export function dayChainStart(meterId: string, channel: number, dayStart: number, salt: Buffer): Buffer {
  if (salt.length !== DAY_SALT_BYTES) throw new RangeError('day salt of 16 bytes expected');
  const place = Buffer.alloc(5);
  place[0] = channel;
  place.writeUInt32BE(dayStart, 1);
  return createHash('sha256').update(DAY_LABEL).update(Buffer.from(meterId, 'hex')).update(place).update(salt).digest();
}

/** One completed hour on: SHA-256(previous, the hour's records in order of their ends). @source X.1332 8.1 */
export function chainStep(previous: Buffer, hourRecords: readonly Buffer[]): Buffer {
  const hash = createHash('sha256').update(previous);
  for (const record of hourRecords) hash.update(record);
  return hash.digest();
}

/** The same step where the previous head and the hour's records lie one behind the other already. */
export function chainStepOver(headAndRecords: Buffer): Buffer {
  return hash('sha256', headAndRecords, 'buffer');
}

/** Bits of `clockStatus`. */
export const CLOCK = { doubtful: 1, set: 2 } as const;
export const MAX_SEAL_CHANNELS = 4;

/**
 * What a meter signs about one local day. Channel i of the list is channel i of the enrolled table. The head at the
 * start is `dayChainStart` of signed fields, so it is computed and does not travel.
 */
export interface DailySeal {
  readonly meterId: string;
  /** Version of the channel table, u16. */
  readonly tableVersion: number;
  /** The local date, as days since 1970-01-01, u16. */
  readonly day: number;
  /** Local midnight at the start and at the end of the day, UTC s. */
  readonly start: number;
  readonly end: number;
  /** CLOCK bits. */
  readonly clockStatus: number;
  /** 16 bytes. */
  readonly salt: Buffer;
  /** SHA-256 of the seal before (payload and signature), zeros for the first. */
  readonly previous: Buffer;
  /** 1 to 4. */
  readonly channels: readonly SealChannel[];
}

export interface SealChannel {
  /** 32 bytes, after the last hour of the day. */
  readonly headEnd: Buffer;
  /** Counts, u48. */
  readonly registerStart: number;
  readonly registerEnd: number;
  /** Slots with a value. */
  readonly slots: number;
}

/** A seal with the bytes it was signed over; `bytes` = payload || signature is what a day keeps and the next seal hashes. */
export interface SignedSeal {
  readonly seal: DailySeal;
  readonly bytes: Buffer;
  readonly tbs: Buffer;
  readonly signature: Buffer;
}

const FIXED_BYTES = 70;
const CHANNEL_BYTES = 46;
export const SEAL_COUNT_OFFSET = 69;

/** Bytes of a seal, signature included: 180, 226, 272 or 318. */
export const sealBytes = (channels: number): number => FIXED_BYTES + channels * CHANNEL_BYTES + SIGNATURE_BYTES;

/** Head of channel `channel` before the first hour. */
export function sealHeadStart(seal: DailySeal, channel: number): Buffer {
  return dayChainStart(seal.meterId, channel, seal.start, seal.salt);
}

/** SHA-256 of a seal's bytes, as the next one names it. */
export function sealHash(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** ES256 in context "JK1 seal". @throws ERR_SEAL_REFUSED on a field out of range @source X.1332 8.1 */
export async function encodeSeal(seal: DailySeal, sign: Signer): Promise<SignedSeal> {
  const payload = sealPayload(seal);
  const tbs = signatureTbs(CONTEXT.seal, payload);
  const signature = lowS(await sign(tbs));
  return { seal, tbs, signature, bytes: Buffer.concat([payload, signature]) };
}

function sealPayload(seal: DailySeal): Buffer {
  checkSeal(seal);
  const payload = Buffer.alloc(FIXED_BYTES + seal.channels.length * CHANNEL_BYTES);
  payload.write(seal.meterId, 0, 'hex');
  payload.writeUInt16BE(seal.tableVersion, 8);
  payload.writeUInt16BE(seal.day, 10);
  payload.writeUInt32BE(seal.start, 12);
  payload.writeUInt32BE(seal.end, 16);
  payload[20] = seal.clockStatus;
  payload.set(seal.salt, 21);
  payload.set(seal.previous, 37);
  payload[SEAL_COUNT_OFFSET] = seal.channels.length;
  for (const [i, channel] of seal.channels.entries()) {
    const at = FIXED_BYTES + i * CHANNEL_BYTES;
    payload.set(channel.headEnd, at);
    payload.writeUIntBE(channel.registerStart, at + 32, 6);
    payload.writeUIntBE(channel.registerEnd, at + 38, 6);
    payload.writeUInt16BE(channel.slots, at + 44);
  }
  return payload;
}

/** Layout and ranges; whether it verifies is `verifySeal`. @param bytes payload || signature @throws ERR_SEAL_REFUSED */
export function parseSeal(bytes: Buffer): SignedSeal {
  const own = Buffer.from(bytes);
  const count = own[SEAL_COUNT_OFFSET] ?? 0;
  if (own.length !== sealBytes(count)) throw refused('layout');
  const payload = own.subarray(0, own.length - SIGNATURE_BYTES);
  const channels: SealChannel[] = [];
  for (let at = FIXED_BYTES; at < payload.length; at += CHANNEL_BYTES) {
    channels.push({
      headEnd: payload.subarray(at, at + CHAIN_BYTES),
      registerStart: payload.readUIntBE(at + 32, 6),
      registerEnd: payload.readUIntBE(at + 38, 6),
      slots: payload.readUInt16BE(at + 44),
    });
  }
  const seal: DailySeal = {
    meterId: payload.toString('hex', 0, 8),
    tableVersion: payload.readUInt16BE(8),
    day: payload.readUInt16BE(10),
    start: payload.readUInt32BE(12),
    end: payload.readUInt32BE(16),
    clockStatus: payload[20]!,
    salt: payload.subarray(21, 37),
    previous: payload.subarray(37, SEAL_COUNT_OFFSET),
    channels,
  };
  checkSeal(seal);
  return { seal, bytes: own, tbs: signatureTbs(CONTEXT.seal, payload), signature: own.subarray(payload.length) };
}

/** Signed by this meter's identity key, in low-S form? */
export function verifySeal(signed: SignedSeal, identityKey: KeyObject): boolean {
  return verifySignature(signed.tbs, signed.signature, identityKey);
}

function checkSeal(seal: DailySeal): void {
  const within = (value: number, max: number) => Number.isInteger(value) && value >= 0 && value <= max;
  const wholeDay = within(seal.start, 0xffff_ffff) && within(seal.end, 0xffff_ffff) && seal.end > seal.start;
  const small = within(seal.tableVersion, 0xffff) && within(seal.day, 0xffff) && within(seal.clockStatus, 3);
  const fixed = /^[0-9a-f]{16}$/.test(seal.meterId) && seal.salt.length === DAY_SALT_BYTES && seal.previous.length === CHAIN_BYTES;
  const counted = seal.channels.length >= 1 && seal.channels.length <= MAX_SEAL_CHANNELS;
  const channels = seal.channels.every(
    (c) => c.headEnd.length === CHAIN_BYTES && within(c.registerStart, U48) && within(c.registerEnd, U48) && within(c.slots, 0xffff),
  );
  if (!wholeDay || !small || !fixed || !counted || !channels) throw refused('layout');
}

function refused(reason: string): ProtocolRefusal {
  return new ProtocolRefusal(CODE, reason);
}
