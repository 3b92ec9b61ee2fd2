/**
 * How a recorded plaintext is read: the bytes stand in FramesAccepted exactly as they left the meter
 * (docs/protocol.md, plaintext), so these offsets are part of the event contract. All numbers big-endian.
 */
export const RECORD = {
  kind: 0,
  flags: 1,
  channel: 2,
  count: 3,
  /** u32, UTC seconds, end of the last interval. */
  end: 4,
  /** u8. */
  minutes: 8,
  /** u48, counts, at the end of the last interval. */
  register: 9,
  /** 8 bytes: head of the profile chain at the last completed hour. */
  head: 15,
  /** u16 each, counts, oldest first; 0xffff = the meter measured none. */
  deltas: 23,
} as const;

export const RECORD_KIND = { reading: 1, quality: 2, event: 3, seal: 4, fin: 5 } as const;
export const RECORD_FLAG = { resent: 1, clockDoubtful: 2, reset: 4, memoryError: 8, testMode: 16, outage: 32 } as const;
export const NO_VALUE = 0xffff;

/** Bytes of a plaintext of size class 0, 1, 2. */
export const RECORD_BYTES: readonly [32, 64, 320] = [32, 64, 320];

export function recordU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function recordU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export function recordU48(bytes: Uint8Array, at: number): number {
  return recordU16(bytes, at) * 0x1_0000_0000 + recordU32(bytes, at + 2);
}
