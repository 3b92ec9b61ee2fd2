import { type BatchRef, type DomainEvent, HELD_REASONS, RECORD_FLAG, type RefusalReason, type SegmentEvent } from '../../events/index.ts';
import { advance, counterStanding, type FrameEffect, noEffect, useCounter } from './apply.ts';
import { annotate } from './checks.ts';
import { ColumnBuilder, type SourceFrame } from './column-builder.ts';
import { COUNTER } from './counter-windows.ts';
import { type Member, relayAllowed } from './members.ts';
import type { OpenedFrame } from './opened-frame.ts';
import type { SegmentState } from './segment-state.ts';
import { slotValue } from './slot-lanes.ts';
import { FUTURE_MS, MESSAGE_LIMIT, OLDEST_MS } from './slot-rule.ts';

/** Frames of one batch at most, and their plaintext bytes at most (a batch is at most 64 KiB on the wire). */
const MAX_FRAMES = 500;
const MAX_PLAINTEXT = 65_536;
const HASHES = 64;

export type HeldReason = (typeof HELD_REASONS)[number];

/** What the rules may be told to leave out, for the proof only. */
export interface TelemetryDefences {
  readonly replayWindow: boolean;
  readonly relayAssignment: boolean;
  readonly hopRecorded: boolean;
}

/**
 * Decides the frames of one (batch, segment): each frame handed in ends as accepted, duplicate, held or refused, and
 * moves the state on at once, so that a repeat inside the batch is seen. `finish` gives the events to record.
 * Reused by a worker for batch after batch.
 */
export class BatchDecision {
  readonly #accepted = new ColumnBuilder(MAX_FRAMES, MAX_PLAINTEXT);
  readonly #held = new ColumnBuilder(MAX_FRAMES, MAX_PLAINTEXT);
  readonly #heldReasons: number[] = [];
  readonly #effect: FrameEffect = noEffect();
  readonly #defences: TelemetryDefences;
  #state!: SegmentState;
  #batch!: BatchRef;
  #brokerTime = 0;
  #version = 0;
  #duplicates = 0;
  #slotsRepeated = 0;
  #conflicts: SegmentEvent[] = [];
  #openedByAccepted: number[] = [];
  #openedByHeld: number[] = [];
  #refused: Partial<Record<RefusalReason, number>> = {};
  #refusals = 0;
  #hashes: Uint8Array[] = [];
  #raws: Uint8Array[] = [];
  /** Meters whose counter came twice with other bytes. */
  counterReuse: { meterId: string; epoch: number; counter: number }[] = [];
  /** Members that had a frame accepted, repeated or a counter reused in this batch; true = the meter waits for an answer. */
  readonly touched = new Map<number, boolean>();

  constructor(defences: TelemetryDefences) {
    this.#defences = defences;
  }

  /** Starts a batch on a state that stands at its stream's head. */
  begin(state: SegmentState, batch: BatchRef, brokerTime: number): void {
    this.#state = state;
    this.#batch = batch;
    this.#brokerTime = brokerTime;
    this.#version = state.version + 1;
    this.#duplicates = 0;
    this.#slotsRepeated = 0;
    this.#heldReasons.length = 0;
    this.#refusals = 0;
    this.#conflicts = [];
    this.#openedByAccepted = [];
    this.#openedByHeld = [];
    this.#refused = {};
    this.#hashes = [];
    this.#raws = [];
    this.counterReuse = [];
    this.touched.clear();
  }

  /** A frame that was not opened, or did not open. @param hash SHA-256 of its bytes */
  refuse(reason: RefusalReason, hash: () => Uint8Array, raw: Uint8Array | undefined): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
    this.#refusals++;
    if (this.#hashes.length < HASHES) this.#hashes.push(hash());
    if (raw !== undefined) this.#raws.push(raw);
  }

  /** An opened frame. @param knownTag first 4 tag bytes of an older frame under this counter, when it had to be looked up */
  take(member: Member, frame: OpenedFrame, source: SourceFrame, knownTag: number | undefined): void {
    source.annotations = 0;
    if (this.#defences.relayAssignment && !relayAllowed(member, this.#batch.dcId, this.#brokerTime)) {
      this.#hold('unassigned-relay', member, frame, source);
      return;
    }
    if (this.#defences.replayWindow && this.#repeated(member, frame, source, knownTag)) return;
    const reason = this.#heldFor(member, frame);
    if (reason !== undefined) {
      if (useCounter(this.#state, frame, this.#version)) this.#openedByHeld.push(this.#held.count);
      this.#hold(reason, member, frame, source);
      return;
    }
    this.#accept(member, frame, source);
  }

  #repeated(member: Member, frame: OpenedFrame, source: SourceFrame, knownTag: number | undefined): boolean {
    const standing = counterStanding(this.#state, frame);
    if (standing === COUNTER.fresh) return false;
    if (standing === COUNTER.below) {
      this.#hold('below-window', member, frame, source);
      return true;
    }
    const window = this.#state.windows.find(frame.member, frame.epoch);
    const inMemory = this.#state.windows.tagOf(window, frame.counter);
    const tag = inMemory >= 0 ? inMemory : knownTag;
    if (tag === undefined || tag === frame.tag) {
      this.#duplicates++;
      this.#touch(frame, false);
    } else {
      this.counterReuse.push({ meterId: member.meterId, epoch: frame.epoch, counter: frame.counter });
      this.#touch(frame, false);
      this.#hold('counter-reused', member, frame, source);
    }
    return true;
  }

  #heldFor(member: Member, frame: OpenedFrame): HeldReason | undefined {
    if (frame.counter > MESSAGE_LIMIT) return 'message-limit';
    if (frame.count === 0) return undefined;
    if (frame.channel >= member.asset.channels.length) return 'unknown-channel';
    const end = frame.end * 1000;
    if (end > this.#brokerTime + FUTURE_MS) return 'interval-future';
    if (end < this.#brokerTime - OLDEST_MS || end <= member.since) return 'interval-too-old';
    return undefined;
  }

  #accept(member: Member, frame: OpenedFrame, source: SourceFrame): void {
    const annotations = frame.count === 0 ? 0 : annotate(frame, member, this.#brokerTime);
    const effect = this.#effect;
    advance(this.#state, member, frame, annotations, this.#version, effect);
    source.annotations = effect.annotations;
    if (effect.epochOpened) this.#openedByAccepted.push(this.#accepted.count);
    this.#accepted.add(source);
    this.#slotsRepeated += effect.slotsRepeated;
    this.#touch(frame, effect.epochOpened || (frame.flags & RECORD_FLAG.resent) !== 0);
    for (const conflict of effect.conflicts) {
      const data = { meterId: member.meterId, channel: frame.channel, slotEnd: conflict.slotEnd };
      this.#conflicts.push({
        type: 'SlotConflict',
        data: { ...data, first: slotValue(conflict.first), second: slotValue(conflict.second) },
      });
    }
  }

  #touch(frame: OpenedFrame, waiting: boolean): void {
    if (waiting || !this.touched.has(frame.member)) this.touched.set(frame.member, waiting);
  }

  #hold(reason: HeldReason, member: Member, frame: OpenedFrame, source: SourceFrame): void {
    this.#heldReasons.push(HELD_REASONS.indexOf(reason));
    this.#held.add(source);
    holdSlots(this.#state, member, frame);
  }

  /** The events of this batch and segment; empty when no frame of the batch was this segment's. */
  finish(): DomainEvent[] {
    const ref = { batch: this.#batch, brokerTime: this.#brokerTime };
    const events: DomainEvent[] = [];
    if (this.#accepted.count > 0 || this.#duplicates > 0) {
      const opened = openedColumn(this.#openedByAccepted);
      const frames = this.#accepted.take();
      const data = { ...ref, frames, duplicates: this.#duplicates, slotsRepeated: this.#slotsRepeated, ...opened };
      events.push({ type: 'FramesAccepted', data });
    }
    if (this.#held.count > 0) {
      const reasons = Uint8Array.from(this.#heldReasons);
      events.push({ type: 'FramesHeld', data: { ...ref, frames: this.#held.take(), reasons, ...openedColumn(this.#openedByHeld) } });
    }
    if (this.#refusals > 0) {
      const hop = this.#defences.hopRecorded ? { hop: this.#batch.dcId } : {};
      events.push({ type: 'FramesRefused', data: { ...ref, ...hop, counts: this.#refused, hashes: this.#hashes, raws: this.#raws } });
    }
    events.push(...this.#conflicts);
    return events;
  }
}

function openedColumn(places: readonly number[]): { epochsOpened?: Uint8Array } {
  if (places.length === 0) return {};
  const column = Buffer.alloc(places.length * 2);
  for (const [i, place] of places.entries()) column.writeUInt16LE(place, i * 2);
  return { epochsOpened: column };
}

/** Slots of a held frame are named in acknowledgements, so that the meter doesn't send them again for a while. */
export function holdSlots(state: SegmentState, member: Member, frame: OpenedFrame): void {
  const lane = frame.count > 0 ? state.members.lane(frame.member, frame.channel) : undefined;
  if (lane === undefined || frame.minutes !== member.asset.intervalMinutes) return;
  const last = Math.floor(frame.end / (frame.minutes * 60));
  for (let slot = last - frame.count + 1; slot <= last; slot++) {
    if (!state.lanes.arrived(lane, slot)) state.lanes.hold(lane, slot);
  }
}
