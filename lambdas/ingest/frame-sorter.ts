import type { RefusalReason } from '../../events/index.ts';
import type { Batch } from '../../protocol/batch.ts';
import { checkFrame, FRAME_BAD_ALGORITHM, FRAME_OK, frameMeterHi, frameMeterLo } from '../../protocol/frame.ts';
import type { KnownMeters } from '../shared/devices/known-meters.ts';

/** Frames of a batch by where they belong; numbers are places in the batch. */
export interface SortedFrames {
  readonly junk: { readonly frame: number; readonly reason: RefusalReason }[];
  /** Segment number to frames. */
  readonly bySegment: Map<number, number[]>;
  /** Worker's number of the meter, per frame; -1 for junk. */
  readonly meters: Int32Array;
}

/**
 * The cheapest checks: length and prefix, then whether the meter is ours at all. No I/O, no key.
 * @param counted bit per place: frames that an earlier delivery counted as unknown
 */
export function sortFrames(batch: Batch, known: KnownMeters, counted?: Uint8Array): SortedFrames {
  const sorted: SortedFrames = { junk: [], bySegment: new Map(), meters: new Int32Array(batch.count).fill(-1) };
  let lastSegment = -1;
  let list: number[] = [];
  for (let frame = 0; frame < batch.count; frame++) {
    const offset = batch.offset[frame]!;
    const layout = checkFrame(batch.bytes, offset, batch.length[frame]!);
    if (layout !== FRAME_OK) {
      sorted.junk.push({ frame, reason: layout === FRAME_BAD_ALGORITHM ? 'algorithm' : 'frame-layout' });
      continue;
    }
    const meter = known.find(frameMeterHi(batch.bytes, offset), frameMeterLo(batch.bytes, offset));
    if (meter < 0 || (counted !== undefined && isCounted(counted, frame))) {
      sorted.junk.push({ frame, reason: 'unknown-meter' });
      continue;
    }
    sorted.meters[frame] = meter;
    const segment = known.segmentOf(meter);
    if (segment !== lastSegment) {
      lastSegment = segment;
      list = sorted.bySegment.get(segment) ?? [];
      sorted.bySegment.set(segment, list);
    }
    list.push(frame);
  }
  return sorted;
}

function isCounted(counted: Uint8Array, frame: number): boolean {
  return (((counted[frame >> 3] ?? 0) >> (frame & 7)) & 1) === 1;
}

/** Places of the junk that names no meter of ours, as `JunkCounted` records them. */
export function unknownPlaces({ junk, meters }: SortedFrames): { readonly unknown?: Uint8Array } {
  const bits = Buffer.alloc(Math.ceil(meters.length / 8));
  const unknown = junk.filter(({ reason }) => reason === 'unknown-meter');
  for (const { frame } of unknown) bits[frame >> 3]! |= 1 << (frame & 7);
  return unknown.length > 0 ? { unknown: bits } : {};
}
