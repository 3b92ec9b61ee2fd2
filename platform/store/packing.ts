import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { BODY_LIMIT, type ColumnForm, encodeEvents } from '../../events/codec.ts';
import { areWhole } from '../../events/frame-columns.ts';
import type { DomainEvent } from '../../events/index.ts';

/** How the events of a commit lie under its seal; the number stands in the envelope. */
export const PACKING = { plain: 0, zstd: 1 } as const;
export type Packing = (typeof PACKING)[keyof typeof PACKING];

export interface Packed {
  readonly packing: Packing;
  readonly bytes: Buffer;
}

export interface Unpacked {
  /** Encoded events. */
  readonly body: Buffer;
  readonly form: ColumnForm;
}

/** Frames from which on a commit is packed. Where it is one home's, its length would tell what the home used. */
const MANY_FRAMES = 64;
/** A packed body ends at a multiple of this, so that its length tells little. */
const STEP = 512;
const LENGTH_BYTES = 4;
/** Higher levels take longer and give less than a hundredth. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * The events of a commit, packed where there are many frames and it makes them shorter: length of the zstd frame (u32, little-endian), the
 * frame, zeros. What is inside has its columns in planes.
 * @throws ERR_EVENT_UNKNOWN, ERR_COMMIT_TOO_LARGE by the length before packing: what may be recorded never hangs on how it compresses
 */
export function pack(events: readonly DomainEvent[]): Packed {
  if (!events.some(hasManyFrames)) return { packing: PACKING.plain, bytes: encodeEvents(events) };
  const planes = encodeEvents(events, 'planes');
  const frame = zstdCompressSync(planes, LEVEL);
  const length = Math.ceil((LENGTH_BYTES + frame.length) / STEP) * STEP;
  if (length >= planes.length) return { packing: PACKING.plain, bytes: encodeEvents(events) };
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(frame.length);
  frame.copy(bytes, LENGTH_BYTES);
  return { packing: PACKING.zstd, bytes };
}

/** @returns undefined when the bytes are not so packed, or hold more than any commit may: nothing larger is ever unpacked */
export function unpack({ packing, bytes }: Packed): Unpacked | undefined {
  if (packing === PACKING.plain) return { body: bytes, form: 'rows' };
  if (bytes.length < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + bytes.readUInt32LE();
  if (end > bytes.length) return undefined;
  try {
    return { body: zstdDecompressSync(bytes.subarray(LENGTH_BYTES, end), { maxOutputLength: BODY_LIMIT }), form: 'planes' };
  } catch {
    return undefined;
  }
}

function hasManyFrames({ type, data }: DomainEvent): boolean {
  return (type === 'FramesAccepted' || type === 'FramesHeld') && data.frames.count >= MANY_FRAMES && areWhole(data.frames);
}
