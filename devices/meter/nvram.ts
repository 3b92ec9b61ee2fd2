import { hash } from 'node:crypto';

/** The meter's small non-volatile memory: one record, replaced as a whole. */
export interface Nvram {
  /** The bytes of the last write, torn or not; undefined in a meter that was never switched on. */
  read(): Buffer | undefined;
  /** @throws when it can't be written */
  write(record: Buffer): void;
}

/** NVRAM of a simulated meter: survives `reboot()`, not the process. */
export class MemoryNvram implements Nvram {
  #record: Buffer | undefined;

  constructor(record?: Buffer) {
    this.#record = record;
  }

  read(): Buffer | undefined {
    return this.#record;
  }

  write(record: Buffer): void {
    this.#record = record;
  }
}

/** Secrets and counters of one epoch; the record of it is what counter uniqueness rests on. */
export interface EpochRecord {
  readonly epoch: number;
  readonly suite: number;
  /** UTC ms: day 0 of the epoch's generations starts here. */
  readonly notBefore: number;
  /** UTC ms. */
  readonly notAfter: number;
  readonly messageLimit: number;
  /** Counters up to this one count as used. */
  reserve: number;
  /** Highest downlink sequence obeyed. */
  dnSeq: number;
  generation: number;
  /** 32 bytes: chain of `generation`. */
  chain: Buffer;
  /** 32 bytes. */
  readonly macDown: Buffer;
  /** First 16 bytes of the epoch's confirmation value. */
  readonly confirmation: Buffer;
}

export interface NvramContent {
  /** Highest epoch number this meter ever proposed. */
  lastEpoch: number;
  /** A handshake under a lower suite is refused. */
  suiteFloor: number;
  current: EpochRecord | undefined;
  pending: EpochRecord | undefined;
}

/** What a record tells at boot: everything, or (torn, altered) at best the last epoch number. */
type NvramReading = { readonly sound: true; readonly content: NvramContent } | { readonly sound: false; readonly lastEpoch: number };

const MAGIC = 0x4a4b4e31;
const HEAD_BYTES = 10;
const EPOCH_BYTES = 114;
const CHECK_BYTES = 8;
const RECORD_BYTES = HEAD_BYTES + 2 * EPOCH_BYTES + CHECK_BYTES;
const HAS_CURRENT = 1;
const HAS_PENDING = 2;

/**
 * Counter reserve, epoch keys, downlink sequence, last epoch number and settings floor under ONE checksum.
 * The epoch number stands also beside its complement, so that it may outlive a torn record.
 * @returns 246 bytes @source X.1332 9.1 (stored secrets protected in the meter)
 */
export function encodeNvram(content: NvramContent): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeUInt32BE(MAGIC, 0);
  record.writeUInt16BE(content.lastEpoch, 4);
  record.writeUInt16BE(~content.lastEpoch & 0xffff, 6);
  record[8] = content.suiteFloor;
  record[9] = (content.current ? HAS_CURRENT : 0) | (content.pending ? HAS_PENDING : 0);
  if (content.current) writeEpoch(record, HEAD_BYTES, content.current);
  if (content.pending) writeEpoch(record, HEAD_BYTES + EPOCH_BYTES, content.pending);
  checksum(record).copy(record, RECORD_BYTES - CHECK_BYTES);
  return record;
}

export function decodeNvram(record: Buffer): NvramReading {
  if (record.length !== RECORD_BYTES || record.readUInt32BE(0) !== MAGIC) return { sound: false, lastEpoch: 0 };
  const lastEpoch = record.readUInt16BE(4);
  if (!checksum(record).equals(record.subarray(RECORD_BYTES - CHECK_BYTES))) {
    return { sound: false, lastEpoch: (record.readUInt16BE(6) ^ lastEpoch) === 0xffff ? lastEpoch : 0 };
  }
  const current = (record[9]! & HAS_CURRENT) !== 0 ? readEpoch(record, HEAD_BYTES) : undefined;
  const pending = (record[9]! & HAS_PENDING) !== 0 ? readEpoch(record, HEAD_BYTES + EPOCH_BYTES) : undefined;
  return { sound: true, content: { lastEpoch, suiteFloor: record[8]!, current, pending } };
}

/** A copy outside node's shared pool, where a few bytes that live long would keep 8 KB alive. */
export function ownBytes(bytes: Buffer): Buffer {
  const own = Buffer.alloc(bytes.length);
  bytes.copy(own);
  return own;
}

function checksum(record: Buffer): Buffer {
  return hash('sha256', record.subarray(0, RECORD_BYTES - CHECK_BYTES), 'buffer').subarray(0, CHECK_BYTES);
}

function writeEpoch(record: Buffer, at: number, epoch: EpochRecord): void {
  record.writeUInt16BE(epoch.epoch, at);
  record[at + 2] = epoch.suite;
  record[at + 3] = epoch.generation;
  record.writeDoubleBE(epoch.notBefore, at + 4);
  record.writeDoubleBE(epoch.notAfter, at + 12);
  record.writeUInt32BE(epoch.messageLimit, at + 20);
  record.writeUIntBE(epoch.reserve, at + 24, 6);
  record.writeUInt32BE(epoch.dnSeq, at + 30);
  epoch.chain.copy(record, at + 34);
  epoch.macDown.copy(record, at + 66);
  epoch.confirmation.copy(record, at + 98);
}

function readEpoch(record: Buffer, at: number): EpochRecord {
  const copy = (from: number, bytes: number): Buffer => ownBytes(record.subarray(at + from, at + from + bytes));
  return {
    epoch: record.readUInt16BE(at),
    suite: record[at + 2]!,
    generation: record[at + 3]!,
    notBefore: record.readDoubleBE(at + 4),
    notAfter: record.readDoubleBE(at + 12),
    messageLimit: record.readUInt32BE(at + 20),
    reserve: record.readUIntBE(at + 24, 6),
    dnSeq: record.readUInt32BE(at + 30),
    chain: copy(34, 32),
    macDown: copy(66, 32),
    confirmation: copy(98, 16),
  };
}
