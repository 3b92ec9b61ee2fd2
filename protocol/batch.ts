import { ProtocolRefusal, type RefusalCode } from './refusal.ts';

/*
 * Two plain containers without secrets or signatures of their own: the link's mutual TLS names the concentrator, and
 * what they carry is sealed by its maker.
 *
 *   batch    "JKB1", sequence u48, count u16, then per frame: received at u48 ms, length u16, bytes
 *   parcel   "JKP1", count u16, then per item: meterId 8, length u16, bytes
 */
const BATCH_MAGIC = 0x4a4b4231;
const PARCEL_MAGIC = 0x4a4b5031;
const BATCH_HEAD = 12;
const FRAME_HEAD = 8;
const PARCEL_HEAD = 6;
const ITEM_HEAD = 10;
const U48 = 0xffff_ffff_ffff;
const TWO_POW_32 = 0x1_0000_0000;

/** A batch closes at either. */
export const BATCH_LIMIT = { frames: 500, bytes: 65536 };
export const PARCEL_LIMIT = { items: 1000, bytes: 102_400 };
/** Parcel item for the concentrator itself. */
export const TO_CONCENTRATOR = '0000000000000000';

/** A batch by columns; frame i is `bytes[offset[i] .. offset[i] + length[i])`, of any length the relay claims. */
export interface Batch {
  /** Of the concentrator, 1 to 2^48 - 1. */
  readonly sequence: number;
  readonly count: number;
  readonly bytes: Buffer;
  readonly offset: Uint32Array;
  readonly length: Uint32Array;
  /** UTC ms by the concentrator's clock, which proves nothing. */
  readonly receivedAt: Float64Array;
}

/** Bytes that one more frame adds to a batch. */
export const batchBytesOf = (frameBytes: number): number => FRAME_HEAD + frameBytes;
/** Bytes of a batch before its first frame. */
export const BATCH_HEAD_BYTES = BATCH_HEAD;

/** @param sequence 1 to 2^48 - 1 @param frames 1 to 500 @throws ERR_BATCH_REFUSED over a limit */
export function encodeBatch(sequence: number, frames: readonly { receivedAt: number; bytes: Buffer }[]): Buffer {
  const total = frames.reduce((sum, frame) => sum + FRAME_HEAD + frame.bytes.length, BATCH_HEAD);
  if (frames.length < 1 || frames.length > BATCH_LIMIT.frames || total > BATCH_LIMIT.bytes) throw refused('limit');
  if (!isU48(sequence) || sequence === 0) throw refused('sequence');
  const bytes = Buffer.alloc(total);
  bytes.writeUInt32BE(BATCH_MAGIC, 0);
  bytes.writeUIntBE(sequence, 4, 6);
  bytes.writeUInt16BE(frames.length, 10);
  let at = BATCH_HEAD;
  for (const frame of frames) {
    if (!isU48(frame.receivedAt)) throw refused('time');
    bytes.writeUIntBE(frame.receivedAt, at, 6);
    bytes.writeUInt16BE(frame.bytes.length, at + 6);
    bytes.set(frame.bytes, at + FRAME_HEAD);
    at += FRAME_HEAD + frame.bytes.length;
  }
  return bytes;
}

/** Splits a batch without looking into its frames. @param bytes at most 64 KiB, not copied @throws ERR_BATCH_REFUSED */
export function readBatch(bytes: Buffer): Batch {
  if (bytes.length < BATCH_HEAD || bytes.length > BATCH_LIMIT.bytes) throw refused('size');
  if (bytes.readUInt32BE(0) !== BATCH_MAGIC) throw refused('layout');
  const sequence = readU48(bytes, 4);
  const count = bytes.readUInt16BE(10);
  if (sequence === 0 || count < 1 || count > BATCH_LIMIT.frames) throw refused('layout');
  const offset = new Uint32Array(count);
  const length = new Uint32Array(count);
  const receivedAt = new Float64Array(count);
  let at = BATCH_HEAD;
  for (let i = 0; i < count; i++) {
    if (at + FRAME_HEAD > bytes.length) throw refused('layout');
    receivedAt[i] = readU48(bytes, at);
    length[i] = bytes.readUInt16BE(at + 6);
    offset[i] = at + FRAME_HEAD;
    at += FRAME_HEAD + length[i]!;
  }
  if (at !== bytes.length) throw refused('layout');
  return { sequence, count, bytes, offset, length, receivedAt };
}

export interface ParcelItem {
  readonly meterId: string;
  readonly bytes: Buffer;
}

/** Bytes that one more item adds to a parcel. */
export const parcelBytesOf = (itemBytes: number): number => ITEM_HEAD + itemBytes;

/** @param items 1 to 1000, at most 100 KB in all @throws ERR_BATCH_REFUSED */
export function encodeParcel(items: readonly ParcelItem[]): Buffer {
  const total = items.reduce((sum, item) => sum + ITEM_HEAD + item.bytes.length, PARCEL_HEAD);
  if (items.length < 1 || items.length > PARCEL_LIMIT.items || total > PARCEL_LIMIT.bytes) throw refused('limit');
  const bytes = Buffer.alloc(total);
  bytes.writeUInt32BE(PARCEL_MAGIC, 0);
  bytes.writeUInt16BE(items.length, 4);
  let at = PARCEL_HEAD;
  for (const item of items) {
    if (!/^[0-9a-f]{16}$/.test(item.meterId)) throw refused('meter-id');
    bytes.write(item.meterId, at, 'hex');
    bytes.writeUInt16BE(item.bytes.length, at + 8);
    bytes.set(item.bytes, at + ITEM_HEAD);
    at += ITEM_HEAD + item.bytes.length;
  }
  return bytes;
}

/** @throws ERR_BATCH_REFUSED */
export function readParcel(bytes: Buffer): ParcelItem[] {
  if (bytes.length < PARCEL_HEAD || bytes.length > PARCEL_LIMIT.bytes) throw refused('size');
  if (bytes.readUInt32BE(0) !== PARCEL_MAGIC) throw refused('layout');
  const count = bytes.readUInt16BE(4);
  if (count < 1 || count > PARCEL_LIMIT.items) throw refused('layout');
  const items: ParcelItem[] = [];
  let at = PARCEL_HEAD;
  for (let i = 0; i < count; i++) {
    if (at + ITEM_HEAD > bytes.length) throw refused('layout');
    const end = at + ITEM_HEAD + bytes.readUInt16BE(at + 8);
    if (end > bytes.length) throw refused('layout');
    items.push({ meterId: bytes.toString('hex', at, at + 8), bytes: Buffer.from(bytes.subarray(at + ITEM_HEAD, end)) });
    at = end;
  }
  if (at !== bytes.length) throw refused('layout');
  return items;
}

function readU48(bytes: Buffer, at: number): number {
  return bytes.readUInt16BE(at) * TWO_POW_32 + bytes.readUInt32BE(at + 2);
}

function isU48(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= U48;
}

function refused(reason: string, code: RefusalCode = 'ERR_BATCH_REFUSED'): ProtocolRefusal {
  return new ProtocolRefusal(code, reason);
}
