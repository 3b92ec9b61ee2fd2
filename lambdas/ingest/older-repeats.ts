import { COUNTER } from '../../domain/telemetry/counter-windows.ts';
import { recordedFrames } from '../../domain/telemetry/opened-frame.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { Batch } from '../../protocol/batch.ts';
import type { WarmSegment } from '../shared/segments.ts';
import { counterOf, epochOf } from './frame-opening.ts';

export interface OlderRepeat {
  /** Place in the batch. */
  readonly frame: number;
  readonly member: number;
  readonly epoch: number;
  readonly counter: number;
}

/** Frames whose counter was accepted so long ago that the state holds no tag of it: their commits must be read. */
export function olderRepeats(warm: WarmSegment, batch: Batch, frames: readonly number[]): OlderRepeat[] {
  const found: OlderRepeat[] = [];
  const { members, windows } = warm.state;
  for (const frame of frames) {
    const offset = batch.offset[frame]! + 8;
    const member = members.find(batch.bytes.readUInt32BE(offset), batch.bytes.readUInt32BE(offset + 4));
    const epoch = epochOf(batch, frame);
    const window = member < 0 ? -1 : windows.find(member, epoch);
    if (window < 0) continue;
    const counter = counterOf(batch, frame);
    if (windows.standing(window, counter) === COUNTER.seen && windows.tagOf(window, counter) < 0)
      found.push({ frame, member, epoch, counter });
  }
  return found;
}

/** First 4 tag bytes of a recorded frame, accepted or held. */
export function tagIn(events: readonly DomainEvent[], { member, epoch, counter }: OlderRepeat): number | undefined {
  for (const event of events) {
    if (event.type !== 'FramesAccepted' && event.type !== 'FramesHeld') continue;
    for (const { frame } of recordedFrames(event.data.frames)) {
      if (frame.member === member && frame.epoch === epoch && frame.counter === counter) return frame.tag;
    }
  }
  return undefined;
}
