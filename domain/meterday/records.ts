import { recordU16, recordU32, recordU48 } from '../../events/index.ts';

/** One record of the meter's profile: end u32, register u48, value u16, flags u8, big-endian. @source protocol.md, load profile */
export const RECORD_SIZE = 13;
/** End u32 (little-endian) of the frame that carried it, and 8 bytes of the chain head then. */
export const HEAD_SIZE = 12;
/** Stands in a record whose register could not be rebuilt; no meter counts so far. */
export const UNKNOWN_REGISTER = 0xffff_ffff_ffff;
const NO_RECORD_VALUE = 0xffff;

export const recordEnd = (records: Uint8Array, i: number): number => recordU32(records, i * RECORD_SIZE);

/** @returns counts; -1 = not known */
export function recordRegister(records: Uint8Array, i: number): number {
  const register = recordU48(records, i * RECORD_SIZE + 4);
  return register === UNKNOWN_REGISTER ? -1 : register;
}

export const recordFlags = (records: Uint8Array, i: number): number => records[i * RECORD_SIZE + 12]!;

/** @returns counts, or undefined where the meter measured none */
export function recordValue(records: Uint8Array, i: number): number | undefined {
  const value = recordU16(records, i * RECORD_SIZE + 10);
  return value === NO_RECORD_VALUE ? undefined : value;
}

/** Writes record `i`. @param value counts; 0xffff = none */
export function writeRecord(records: Uint8Array, i: number, end: number, register: number, value: number, flags: number): void {
  const at = i * RECORD_SIZE;
  const high = Math.floor(register / 0x1_0000_0000);
  const low = register - high * 0x1_0000_0000;
  records[at] = end >>> 24;
  records[at + 1] = end >>> 16;
  records[at + 2] = end >>> 8;
  records[at + 3] = end;
  records[at + 4] = high >>> 8;
  records[at + 5] = high;
  records[at + 6] = low >>> 24;
  records[at + 7] = low >>> 16;
  records[at + 8] = low >>> 8;
  records[at + 9] = low;
  records[at + 10] = value >>> 8;
  records[at + 11] = value;
  records[at + 12] = flags;
}
