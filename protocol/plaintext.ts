import { MAX_SEAL_CHANNELS, SEAL_COUNT_OFFSET, sealBytes } from './profile.ts';
import { ProtocolRefusal } from './refusal.ts';

/*
 * What is inside a frame. All fields have fixed width, so the length is a function of (kind, count) and never of a
 * value. Byte 0 is the kind, byte 1 the flags; the rest up to the end of the size class is zero.
 */
export const KIND = { reading: 1, quality: 2, event: 3, seal: 4, fin: 5 } as const;

/** Offsets of a reading; deltas are u16, oldest first. */
export const READING = { channel: 2, count: 3, end: 4, minutes: 8, register: 9, head: 15, deltas: 23 } as const;
export const NULL_DELTA = 0xffff;

/** Bit 0 set: resent, else live. Bits 6 and 7 are zero. */
export const FLAG = { resent: 1, clockDoubtful: 2, reset: 4, memoryError: 8, testMode: 16, outage: 32 } as const;
const RESERVED_FLAGS = 0xc0;

export const EVENT_CODE = {
  tamperCover: 1,
  tamperMagnet: 2,
  outageStart: 3,
  outageEnd: 4,
  clockSet: 5,
  lastGasp: 6,
  boot: 7,
} as const;
const HIGHEST_EVENT = 7;

/** Offsets of a quality record. */
const QUALITY = { end: 2, minutes: 6, voltageMin: 7, voltageMax: 9, voltageMean: 11, frequency: 13, powerFactor: 15, bytes: 17 } as const;
const EVENT = { code: 2, at: 3, value: 7, bytes: 11 } as const;
const FIN = { confirmation: 2, bytes: 18 } as const;
const SEAL_AT = 2;
const HEAD_BYTES = 8;
const CONFIRMATION_BYTES = 16;
const CLASS_BYTES = [32, 64, 320] as const;

export interface ReadingPlain {
  readonly kind: 'reading';
  /** FLAG bits. */
  readonly flags: number;
  /** Index into the meter's enrolled channel table, u8. */
  readonly channel: number;
  /** UTC s, end of the last interval. */
  readonly end: number;
  /** 1 to 60, a divisor of 60. */
  readonly minutes: number;
  /** Cumulative register at `end`, counts of the channel, u48. */
  readonly register: number;
  /** First 8 bytes of the chain head after the last completed hour. */
  readonly head: Buffer;
  /** 1, 4, 24 or 96 counts, oldest first, 0 to 65534; null = lost. */
  readonly deltas: readonly (number | null)[];
}

export interface QualityPlain {
  readonly kind: 'quality';
  readonly flags: number;
  /** UTC s. */
  readonly end: number;
  readonly minutes: number;
  /** Tenths of a volt, u16. */
  readonly voltageMin: number;
  readonly voltageMax: number;
  readonly voltageMean: number;
  /** Millihertz, u16. */
  readonly frequency: number;
  /** Thousandths, -1000 to 1000. */
  readonly powerFactor: number;
}

export interface EventPlain {
  readonly kind: 'event';
  readonly flags: number;
  /** EVENT_CODE. */
  readonly code: number;
  /** UTC s. */
  readonly at: number;
  /** u32; for `clockSet` the seconds before the change, else of the event's own meaning. */
  readonly value: number;
}

export interface SealPlain {
  readonly kind: 'seal';
  readonly flags: number;
  /** Bytes of `encodeSeal`: payload and signature, 180, 226, 272 or 318. */
  readonly seal: Buffer;
}

/** First frame under a new epoch. */
export interface FinPlain {
  readonly kind: 'fin';
  readonly flags: number;
  /** First 16 bytes of the epoch's confirmation. */
  readonly confirmation: Buffer;
}

export type Plaintext = ReadingPlain | QualityPlain | EventPlain | SealPlain | FinPlain;

/** @returns 32, 64 or 320 bytes @throws ERR_FRAME_REFUSED on a field out of range */
export function encodePlaintext(plain: Plaintext): Buffer {
  const bytes = Buffer.alloc(classBytesOf(plain));
  bytes[0] = KIND[plain.kind];
  bytes[1] = plain.flags;
  try {
    write(bytes, plain);
  } catch {
    throw refused('field');
  }
  if (plain.flags !== bytes[1] || !checkPlaintext(bytes)) throw refused('field');
  return bytes;
}

function classBytesOf(plain: Plaintext): number {
  switch (plain.kind) {
    case 'reading':
      return CLASS_BYTES[plain.deltas.length <= 4 ? 0 : 2];
    case 'quality':
    case 'event':
      return CLASS_BYTES[1];
    case 'seal':
      return CLASS_BYTES[2];
    case 'fin':
      return CLASS_BYTES[0];
  }
}

function write(bytes: Buffer, plain: Plaintext): void {
  switch (plain.kind) {
    case 'reading':
      writeReading(bytes, plain);
      return;
    case 'quality':
      bytes.writeUInt32BE(plain.end, QUALITY.end);
      bytes.writeUInt8(plain.minutes, QUALITY.minutes);
      bytes.writeUInt16BE(plain.voltageMin, QUALITY.voltageMin);
      bytes.writeUInt16BE(plain.voltageMax, QUALITY.voltageMax);
      bytes.writeUInt16BE(plain.voltageMean, QUALITY.voltageMean);
      bytes.writeUInt16BE(plain.frequency, QUALITY.frequency);
      bytes.writeInt16BE(plain.powerFactor, QUALITY.powerFactor);
      return;
    case 'event':
      bytes.writeUInt8(plain.code, EVENT.code);
      bytes.writeUInt32BE(plain.at, EVENT.at);
      bytes.writeUInt32BE(plain.value, EVENT.value);
      return;
    case 'seal':
      if (plain.seal.length !== sealBytes(plain.seal[SEAL_COUNT_OFFSET] ?? 0)) throw new RangeError('seal');
      bytes.set(plain.seal, SEAL_AT);
      return;
    case 'fin':
      if (plain.confirmation.length !== CONFIRMATION_BYTES) throw new RangeError('confirmation');
      bytes.set(plain.confirmation, FIN.confirmation);
  }
}

function writeReading(bytes: Buffer, plain: ReadingPlain): void {
  if (plain.head.length !== HEAD_BYTES) throw new RangeError('head');
  bytes.writeUInt8(plain.channel, READING.channel);
  bytes.writeUInt8(plain.deltas.length, READING.count);
  bytes.writeUInt32BE(plain.end, READING.end);
  bytes.writeUInt8(plain.minutes, READING.minutes);
  bytes.writeUIntBE(plain.register, READING.register, 6);
  bytes.set(plain.head, READING.head);
  let at: number = READING.deltas;
  for (const delta of plain.deltas) {
    if (delta === NULL_DELTA) throw new RangeError('delta');
    at = bytes.writeUInt16BE(delta ?? NULL_DELTA, at);
  }
}

/** @param bytes 32, 64 or 320 bytes @throws ERR_FRAME_REFUSED, reason `plaintext`, when `checkPlaintext` says no */
export function decodePlaintext(bytes: Buffer): Plaintext {
  if (!checkPlaintext(bytes)) throw refused('plaintext');
  const flags = bytes[1]!;
  switch (bytes[0]) {
    case KIND.reading:
      return readReading(bytes, flags);
    case KIND.quality:
      return {
        kind: 'quality',
        flags,
        end: bytes.readUInt32BE(QUALITY.end),
        minutes: bytes[QUALITY.minutes]!,
        voltageMin: bytes.readUInt16BE(QUALITY.voltageMin),
        voltageMax: bytes.readUInt16BE(QUALITY.voltageMax),
        voltageMean: bytes.readUInt16BE(QUALITY.voltageMean),
        frequency: bytes.readUInt16BE(QUALITY.frequency),
        powerFactor: bytes.readInt16BE(QUALITY.powerFactor),
      };
    case KIND.event:
      return { kind: 'event', flags, code: bytes[EVENT.code]!, at: bytes.readUInt32BE(EVENT.at), value: bytes.readUInt32BE(EVENT.value) };
    case KIND.seal:
      return { kind: 'seal', flags, seal: Buffer.from(bytes.subarray(SEAL_AT, SEAL_AT + sealBytes(bytes[SEAL_AT + SEAL_COUNT_OFFSET]!))) };
    default:
      return { kind: 'fin', flags, confirmation: Buffer.from(bytes.subarray(FIN.confirmation, FIN.bytes)) };
  }
}

function readReading(bytes: Buffer, flags: number): ReadingPlain {
  const deltas: (number | null)[] = [];
  for (let i = 0; i < bytes[READING.count]!; i++) {
    const delta = bytes.readUInt16BE(READING.deltas + 2 * i);
    deltas.push(delta === NULL_DELTA ? null : delta);
  }
  return {
    kind: 'reading',
    flags,
    channel: bytes[READING.channel]!,
    end: bytes.readUInt32BE(READING.end),
    minutes: bytes[READING.minutes]!,
    register: bytes.readUIntBE(READING.register, 6),
    head: Buffer.from(bytes.subarray(READING.head, READING.head + HEAD_BYTES)),
    deltas,
  };
}

/**
 * Kind known, size class that of (kind, count), reserved flags zero, fields in range, padding zero. Allocates nothing.
 * @source X.1332 8.1: a length or a padding that a value could choose would speak about the value
 */
export function checkPlaintext(bytes: Buffer): boolean {
  if ((bytes[1]! & RESERVED_FLAGS) !== 0) return false;
  switch (bytes[0]) {
    case KIND.reading:
      return checkReading(bytes);
    case KIND.quality:
      return bytes.length === 64 && checkQuality(bytes) && zeroFrom(bytes, QUALITY.bytes);
    case KIND.event:
      return bytes.length === 64 && bytes[EVENT.code]! >= 1 && bytes[EVENT.code]! <= HIGHEST_EVENT && zeroFrom(bytes, EVENT.bytes);
    case KIND.seal: {
      const channels = bytes[SEAL_AT + SEAL_COUNT_OFFSET] ?? 0;
      return bytes.length === 320 && channels >= 1 && channels <= MAX_SEAL_CHANNELS && zeroFrom(bytes, SEAL_AT + sealBytes(channels));
    }
    case KIND.fin:
      return bytes.length === 32 && zeroFrom(bytes, FIN.bytes);
    default:
      return false;
  }
}

function checkReading(bytes: Buffer): boolean {
  const count = bytes[READING.count]!;
  const fits = bytes.length === 32 ? count === 1 || count === 4 : bytes.length === 320 && (count === 24 || count === 96);
  return fits && dividesHour(bytes[READING.minutes]!) && zeroFrom(bytes, READING.deltas + 2 * count);
}

function checkQuality(bytes: Buffer): boolean {
  const powerFactor = bytes.readInt16BE(QUALITY.powerFactor);
  return dividesHour(bytes[QUALITY.minutes]!) && powerFactor >= -1000 && powerFactor <= 1000;
}

/** An hour holds whole intervals, as one step of the chain needs. */
function dividesHour(minutes: number): boolean {
  return 60 % minutes === 0;
}

function zeroFrom(bytes: Buffer, from: number): boolean {
  let seen = 0;
  for (let i = from; i < bytes.length; i++) seen |= bytes[i]!;
  return seen === 0;
}

function refused(reason: string): ProtocolRefusal {
  return new ProtocolRefusal('ERR_FRAME_REFUSED', reason);
}
