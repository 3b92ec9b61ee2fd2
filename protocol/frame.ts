import { createDecipheriv, type KeyObject } from 'node:crypto';
import { encStructure, NONCE_BYTES, openChecked, sealGcm, TAG_BYTES } from './gcm.ts';
import { ProtocolRefusal } from './refusal.ts';

/*
 * The uplink frame: an untagged COSE_Encrypt0 in one fixed layout. No CBOR library ever sees it; whatever is not
 * this layout to the byte has one answer.
 *
 *    0  83             array(3)
 *    1  58 1b          bstr(27): the protected header, the only header
 *    3  a3             map(3)
 *    4  01 03          alg: A256GCM
 *    6  04 4b          kid: meterId 8, epoch u16, generation u8
 *   19  06 49          Partial IV: boot salt 4, counter u40
 *   30  a0             empty unprotected header
 *   31  58 30 | 58 50 | 59 0150   bstr: ciphertext, then 16 bytes of tag
 */
export type SizeClass = 0 | 1 | 2;
/** Bytes of plaintext per size class. */
export const PLAINTEXT_BYTES = [32, 64, 320] as const;
/** Bytes of a frame per size class; no other length exists. */
export const FRAME_BYTES = [81, 113, 370] as const;

export const FRAME_OK = 0;
export const FRAME_BAD_LAYOUT = 1;
export const FRAME_BAD_ALGORITHM = 2;

export const HEADER_OFFSET = 3;
export const HEADER_BYTES = 27;
export const ALGORITHM_OFFSET = 5;
export const KID_OFFSET = 8;
export const EPOCH_OFFSET = 16;
export const GENERATION_OFFSET = 18;
export const PARTIAL_IV_OFFSET = 21;
export const COUNTER_OFFSET = 25;
/** Everything before the head of the ciphertext. */
export const PREFIX_BYTES = 31;
/** A256GCM in the COSE registry. @source RFC 9053 4.1 */
export const ALGORITHM_A256GCM = 3;
/** Highest day inside an epoch that a frame may name; bounds the ratchet a stranger can make us run. */
export const MAX_GENERATION = 13;
/** 2^40 - 1. */
export const MAX_COUNTER = 0xff_ffff_ffff;

const UP_CONTEXT = Buffer.from('JK1 up', 'utf8');
const AAD_TEMPLATE = encStructure('Encrypt0', Buffer.alloc(HEADER_BYTES), UP_CONTEXT);
/** `83` array, `68` + "Encrypt0", `58 1b`: the header's place inside the Enc_structure. */
const AAD_HEADER_OFFSET = 12;
const ALGORITHM = 'aes-256-gcm';
const TWO_POW_32 = 0x1_0000_0000;

export interface FrameHeader {
  /** EUI-64, 16 lowercase hex digits. */
  readonly meterId: string;
  /** 1 to 65535. */
  readonly epoch: number;
  /** Day inside the epoch, 0 to 13. */
  readonly generation: number;
  /** Boot salt, u32. It adds no uniqueness. */
  readonly salt: number;
  /** 1 to 2^40 - 1, never twice inside an epoch. */
  readonly counter: number;
}

/** Keys of one generation: AES-256 as a cached KeyObject and the 12-byte IV. */
export interface GenerationKeys {
  readonly key: KeyObject;
  readonly iv: Buffer;
}

/**
 * Is this one of the three layouts? Looks at the length, the constant bytes and the ranges of epoch, generation and
 * counter; allocates nothing. `FRAME_BAD_ALGORITHM` when all fits but the alg is another than A256GCM.
 * @source X.1332 9.1
 */
export function checkFrame(buf: Buffer, offset: number, length: number): 0 | 1 | 2 {
  const o = offset;
  if (o < 0 || o + length > buf.length || !payloadHeadFits(buf, o, length)) return FRAME_BAD_LAYOUT;
  if (
    buf[o] !== 0x83 ||
    buf[o + 1] !== 0x58 ||
    buf[o + 2] !== 0x1b ||
    buf[o + 3] !== 0xa3 ||
    buf[o + 4] !== 0x01 ||
    buf[o + 6] !== 0x04 ||
    buf[o + 7] !== 0x4b ||
    buf[o + 19] !== 0x06 ||
    buf[o + 20] !== 0x49 ||
    buf[o + 30] !== 0xa0
  ) {
    return FRAME_BAD_LAYOUT;
  }
  if (buf[o + ALGORITHM_OFFSET] !== ALGORITHM_A256GCM) return FRAME_BAD_ALGORITHM;
  return rangesFit(buf, o) ? FRAME_OK : FRAME_BAD_LAYOUT;
}

function payloadHeadFits(buf: Buffer, o: number, length: number): boolean {
  if (length === 81) return buf[o + 31] === 0x58 && buf[o + 32] === 0x30;
  if (length === 113) return buf[o + 31] === 0x58 && buf[o + 32] === 0x50;
  return length === 370 && buf[o + 31] === 0x59 && buf[o + 32] === 0x01 && buf[o + 33] === 0x50;
}

function rangesFit(buf: Buffer, o: number): boolean {
  return (
    (buf[o + 16]! | buf[o + 17]!) !== 0 &&
    buf[o + GENERATION_OFFSET]! <= MAX_GENERATION &&
    (buf[o + 25]! | buf[o + 26]! | buf[o + 27]! | buf[o + 28]! | buf[o + 29]!) !== 0
  );
}

/** Size class of a checked frame. */
export function sizeClassOf(length: number): SizeClass {
  return length === 81 ? 0 : length === 113 ? 1 : 2;
}

/** First 4 bytes of the meterId as a u32, for maps without strings. */
export function frameMeterHi(buf: Buffer, offset: number): number {
  return buf.readUInt32BE(offset + KID_OFFSET);
}

/** Last 4 bytes of the meterId as a u32. */
export function frameMeterLo(buf: Buffer, offset: number): number {
  return buf.readUInt32BE(offset + KID_OFFSET + 4);
}

export function frameMeterId(buf: Buffer, offset: number): string {
  return buf.toString('hex', offset + KID_OFFSET, offset + KID_OFFSET + 8);
}

export function frameEpoch(buf: Buffer, offset: number): number {
  return (buf[offset + EPOCH_OFFSET]! << 8) | buf[offset + EPOCH_OFFSET + 1]!;
}

export function frameGeneration(buf: Buffer, offset: number): number {
  return buf[offset + GENERATION_OFFSET]!;
}

export function frameCounter(buf: Buffer, offset: number): number {
  return buf[offset + COUNTER_OFFSET]! * TWO_POW_32 + buf.readUInt32BE(offset + COUNTER_OFFSET + 1);
}

/** The header of a checked frame. */
export function readHeader(buf: Buffer, offset: number): FrameHeader {
  return {
    meterId: frameMeterId(buf, offset),
    epoch: frameEpoch(buf, offset),
    generation: frameGeneration(buf, offset),
    salt: buf.readUInt32BE(offset + PARTIAL_IV_OFFSET),
    counter: frameCounter(buf, offset),
  };
}

/** The 27 bytes of the protected header. */
export function encodeHeader(header: FrameHeader): Buffer {
  checkHeader(header);
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set([0xa3, 0x01, ALGORITHM_A256GCM, 0x04, 0x4b], 0);
  bytes.write(header.meterId, KID_OFFSET - HEADER_OFFSET, 'hex');
  bytes.writeUInt16BE(header.epoch, EPOCH_OFFSET - HEADER_OFFSET);
  bytes[GENERATION_OFFSET - HEADER_OFFSET] = header.generation;
  bytes.set([0x06, 0x49], 16);
  bytes.writeUInt32BE(header.salt, PARTIAL_IV_OFFSET - HEADER_OFFSET);
  bytes.writeUIntBE(header.counter, COUNTER_OFFSET - HEADER_OFFSET, 5);
  return bytes;
}

function checkHeader(header: FrameHeader): void {
  const inRange = (value: number, min: number, max: number) => Number.isInteger(value) && value >= min && value <= max;
  if (
    !/^[0-9a-f]{16}$/.test(header.meterId) ||
    !inRange(header.epoch, 1, 0xffff) ||
    !inRange(header.generation, 0, MAX_GENERATION) ||
    !inRange(header.salt, 0, 0xffffffff) ||
    !inRange(header.counter, 1, MAX_COUNTER)
  ) {
    throw new ProtocolRefusal('ERR_FRAME_REFUSED', 'header');
  }
}

/** Nonce = IV of the generation XOR (000000, salt, counter). Uniqueness rests on the counter alone. */
export function nonceOf(iv: Buffer, salt: number, counter: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(salt, 3);
  nonce.writeUIntBE(counter, 7, 5);
  for (let i = 0; i < NONCE_BYTES; i++) nonce[i]! ^= iv[i]!;
  return nonce;
}

/**
 * Seals one frame. @param plaintext 32, 64 or 320 bytes @returns 81, 113 or 370 bytes
 * @throws ERR_FRAME_REFUSED on a header out of range or a plaintext of another length @source X.1332 10.1
 */
export function sealFrame(header: FrameHeader, keys: GenerationKeys, plaintext: Buffer): Buffer {
  if (!(PLAINTEXT_BYTES as readonly number[]).includes(plaintext.length))
    throw new ProtocolRefusal('ERR_FRAME_REFUSED', 'plaintext-length');
  const protectedHeader = encodeHeader(header);
  const aad = encStructure('Encrypt0', protectedHeader, UP_CONTEXT);
  const sealed = sealGcm(keys.key, nonceOf(keys.iv, header.salt, header.counter), aad, plaintext);
  const payloadHead = sealed.length < 256 ? [0x58, sealed.length] : [0x59, sealed.length >>> 8, sealed.length & 0xff];
  return Buffer.concat([Buffer.of(0x83, 0x58, HEADER_BYTES), protectedHeader, Buffer.of(0xa0, ...payloadHead), sealed]);
}

/**
 * Opens frames; the hot path. One instance per worker: nonce and AAD are scratch, so an instance is not re-entrant.
 * `verifyTag: false` decrypts without looking at the tag and exists for `--prove` alone.
 */
export class FrameOpener {
  readonly #verifyTag: boolean;
  readonly #nonce = Buffer.alloc(NONCE_BYTES);
  readonly #aad = Buffer.from(AAD_TEMPLATE);
  readonly #tag = Buffer.alloc(TAG_BYTES);
  readonly #small = Buffer.alloc(PLAINTEXT_BYTES[0]);

  constructor(options: { verifyTag?: boolean } = {}) {
    this.#verifyTag = options.verifyTag ?? true;
  }

  /**
   * @param keys of exactly the meter, epoch and generation that the frame names
   * @returns 32, 64 or 320 bytes of plaintext; undefined for a frame that `checkFrame` refuses or whose tag does not verify
   */
  open(buf: Buffer, offset: number, length: number, keys: GenerationKeys): Buffer | undefined {
    if (checkFrame(buf, offset, length) !== FRAME_OK) return undefined;
    const nonce = this.#nonceOf(buf, offset, keys.iv);
    const aad = this.#aad;
    copyBytes(buf, offset + HEADER_OFFSET, aad, AAD_HEADER_OFFSET, HEADER_BYTES);
    const tagAt = offset + length - TAG_BYTES;
    copyBytes(buf, tagAt, this.#tag, 0, TAG_BYTES);
    const ciphertext = this.#ciphertextOf(buf, offset, length, tagAt);
    if (!this.#verifyTag) return decryptUnverified(keys.key, nonce, ciphertext);
    return openChecked(ALGORITHM, keys.key, nonce, aad, ciphertext, this.#tag);
  }

  #nonceOf(buf: Buffer, offset: number, iv: Buffer): Buffer {
    const nonce = this.#nonce;
    const partialIv = offset + PARTIAL_IV_OFFSET;
    copyBytes(iv, 0, nonce, 0, 3);
    for (let i = 0; i < 9; i++) nonce[i + 3] = iv[i + 3]! ^ buf[partialIv + i]!;
    return nonce;
  }

  /** A view costs more than copying 32 bytes, and less than copying 64. */
  #ciphertextOf(buf: Buffer, offset: number, length: number, tagAt: number): Buffer {
    if (length !== FRAME_BYTES[0]) return buf.subarray(offset + PREFIX_BYTES + (length === FRAME_BYTES[1] ? 2 : 3), tagAt);
    copyBytes(buf, offset + PREFIX_BYTES + 2, this.#small, 0, PLAINTEXT_BYTES[0]);
    return this.#small;
  }
}

/** For a few bytes a loop is faster than the call into native code behind `copy`. */
function copyBytes(from: Buffer, fromAt: number, to: Buffer, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!;
}

/** GCM is CTR from nonce || 2 on. */
function decryptUnverified(key: KeyObject, nonce: Buffer, ciphertext: Buffer): Buffer {
  const counterBlock = Buffer.concat([nonce, Buffer.of(0, 0, 0, 2)]);
  return createDecipheriv('aes-256-ctr', key, counterBlock).update(ciphertext);
}
