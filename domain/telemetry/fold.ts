import { type DomainEvent, type FramesHeld, HELD_REASONS } from '../../events/index.ts';
import { advance, noEffect, useCounter } from './apply.ts';
import { type HeldReason, holdSlots } from './batch-decision.ts';
import { judgedBy, type Member } from './members.ts';
import { forgetCarried, joinMember, leaveMember } from './moves.ts';
import { type OpenedFrame, recordedFrames } from './opened-frame.ts';
import type { SegmentState } from './segment-state.ts';

/** Held frames whose counter was used up; the others may still arrive properly under the same counter. */
const USES_COUNTER: ReadonlySet<HeldReason> = new Set(['unknown-channel', 'interval-future', 'interval-too-old', 'message-limit']);

/** Sees an accepted frame before it moves the state on. The frame is refilled for the next one. */
export type FrameWatcher = (member: Member, frame: OpenedFrame, annotations: number) => void;

/** Folds one recorded commit. @param version version of its first event @param watch sees every accepted frame */
export function foldCommit(state: SegmentState, version: number, events: readonly DomainEvent[], watch?: FrameWatcher): void {
  for (const event of events) {
    if (event.type === 'FramesAccepted') {
      const effect = noEffect();
      for (const { frame, i } of recordedFrames(event.data.frames)) {
        const member = state.members.at(frame.member);
        const bits = Buffer.from(event.data.frames.annotations.buffer, event.data.frames.annotations.byteOffset + i * 4, 4).readUInt32LE();
        if (member === undefined) continue;
        watch?.(member, frame, bits);
        advance(state, member, frame, bits, version, effect);
      }
    } else if (event.type === 'FramesHeld') foldHeld(state, version, event.data);
  }
  noteCommit(state, version, events);
}

function foldHeld(state: SegmentState, version: number, held: FramesHeld): void {
  for (const { frame, i } of recordedFrames(held.frames)) {
    const member = state.members.at(frame.member);
    if (member === undefined) continue;
    if (USES_COUNTER.has(HELD_REASONS[held.reasons[i]!]!)) useCounter(state, frame, version);
    holdSlots(state, member, frame);
  }
}

/** The part of folding that is not about single frames; for a commit whose frames were just decided on this very state. */
export function noteCommit(state: SegmentState, version: number, events: readonly DomainEvent[]): void {
  for (const event of events) note(state, version, event);
  state.version = version + events.length - 1;
  state.commitsSinceCheckpoint++;
}

function note(state: SegmentState, version: number, event: DomainEvent): void {
  switch (event.type) {
    case 'FramesAccepted':
    case 'FramesHeld':
    case 'FramesRefused': {
      const { dcId, digest } = event.data.batch;
      state.batchWindow(dcId).add(digest, version);
      return;
    }
    case 'MeterJoined':
      joinMember(state, event.data, version);
      return;
    case 'MemberAmended': {
      const number = state.members.findId(event.data.meterId);
      if (number < 0) return;
      const { asset, relays, status } = event.data;
      state.members.change(number, { kind: asset && judgedBy(asset), relays, status });
      for (const epoch of event.data.epochsDestroyed ?? []) state.windows.drop(number, epoch);
      return;
    }
    case 'MeterLeft':
      leaveMember(state, event.data, version);
      return;
    case 'DownlinksIssued':
      for (const message of event.data.messages) {
        const member = state.members.at(state.members.findId(message.meterId));
        if (member === undefined) continue;
        member.dnSeq = Math.max(member.dnSeq, message.dnSeq);
        if (message.kind === 'ack') member.ackedAt = event.data.at;
        if (message.kind === 'resend') member.askedAt = event.data.at;
      }
      return;
    case 'SegmentCheckpointed':
      state.commitsSinceCheckpoint = -1;
      state.checkpointedAt = event.data.at;
      forgetCarried(state, event.data.at);
      return;
    default:
      return;
  }
}
