import { type JudgedBefore, judgedBefore } from '../../domain/telemetry/moves.ts';
import type { SegmentState } from '../../domain/telemetry/segment-state.ts';
import type { Batch } from '../../protocol/batch.ts';
import type { TelemetryMessage } from './telemetry-message.ts';

/** What a segment knows of a batch already. Numbers are places in the batch. */
export interface BatchHistory {
  /** Frames nobody has judged yet, or that are not this segment's to judge. */
  readonly open: readonly number[];
  /** Of those: frames of meters that are not here (any more). */
  readonly away: readonly number[];
  /** Commits that judged the others, each once. */
  readonly recorded: readonly JudgedBefore[];
}

/** Member number of the frame's meter, -1 when it isn't in this segment. */
function memberOf(state: SegmentState, batch: Batch, i: number): number {
  const at = batch.offset[i]! + 8;
  return state.members.find(batch.bytes.readUInt32BE(at), batch.bytes.readUInt32BE(at + 4));
}

/**
 * The frames routed here and those of members that were routed elsewhere: so that a segment that records a batch has judged
 * all frames of whoever is a member then. Only the stream decides who that is.
 * @param meters worker's number per place, -1 for junk
 */
export function framesOfSegment(state: SegmentState, batch: Batch, routed: readonly number[], meters: Int32Array): readonly number[] {
  if (routed.length === batch.count) return routed;
  const here = new Set(routed);
  const more: number[] = [];
  for (let i = 0; i < batch.count; i++) if (meters[i]! >= 0 && !here.has(i) && memberOf(state, batch, i) >= 0) more.push(i);
  return more.length > 0 ? [...routed, ...more].sort((a, b) => a - b) : routed;
}

/** Whether the portion is still what it was: nobody has recorded the batch, and of its meters none has left or come. */
export function stillOpen(
  state: SegmentState,
  portion: { message: TelemetryMessage; batch: Batch; frames: readonly number[]; meters: Int32Array },
): boolean {
  const { message, batch, frames, meters } = portion;
  if (framesOfSegment(state, batch, frames, meters).length !== frames.length) return false;
  if (frames.some((i) => memberOf(state, batch, i) < 0)) return false;
  return historyOf(state, message, batch, frames).open.length === frames.length;
}

/** Looks up which frames were judged by an earlier delivery, here or in a segment their meter came from. */
export function historyOf(state: SegmentState, message: TelemetryMessage, batch: Batch, frames: readonly number[]): BatchHistory {
  const version = state.batches.get(message.dcId)?.find(message.digest) ?? -1;
  if (version < 0 && state.carrying.size === 0) return { open: frames, away: [], recorded: [] };
  const open: number[] = [];
  const away: number[] = [];
  const recorded = new Map<string, JudgedBefore>();
  for (const i of frames) {
    const number = memberOf(state, batch, i);
    const before = number < 0 ? undefined : judgedBefore(state, number, message, version);
    if (before === undefined) open.push(i);
    else recorded.set(`${before.segment}/${before.version}`, before);
    if (number < 0) away.push(i);
  }
  return { open, away, recorded: [...recorded.values()] };
}
