import { ANNOTATION } from '../../events/index.ts';
import { registerBits } from './checks.ts';
import { COUNTER, type CounterStanding } from './counter-windows.ts';
import type { Member } from './members.ts';
import type { OpenedFrame } from './opened-frame.ts';
import type { SegmentState } from './segment-state.ts';
import { SLOT } from './slot-lanes.ts';

/** What one accepted frame did to the segment, beyond being recorded. Refilled for every frame. */
export interface FrameEffect {
  annotations: number;
  slotsRepeated: number;
  /** Slot ends (UTC seconds) that carry another value than the one known. */
  readonly conflicts: { slotEnd: number; first: number; second: number }[];
  epochOpened: boolean;
}

export function noEffect(): FrameEffect {
  return { annotations: 0, slotsRepeated: 0, conflicts: [], epochOpened: false };
}

/** Where a counter stands; an epoch without a window has seen nothing, or is older than all that are remembered. */
export function counterStanding(state: SegmentState, frame: OpenedFrame): CounterStanding {
  const window = state.windows.find(frame.member, frame.epoch);
  if (window >= 0) return state.windows.standing(window, frame.counter);
  return state.windows.hasRoom(frame.member, frame.epoch) ? COUNTER.fresh : COUNTER.below;
}

/** Marks the counter as used. @returns true when it is the epoch's first */
export function useCounter(state: SegmentState, frame: OpenedFrame, version: number): boolean {
  let window = state.windows.find(frame.member, frame.epoch);
  const first = window < 0;
  if (first) window = state.windows.open(frame.member, frame.epoch);
  if (window >= 0) state.windows.accept(window, frame.counter, frame.tag, version);
  return first;
}

/**
 * Moves the segment on by one accepted frame: counter, slots, register. The same code decides a live frame and folds a
 * recorded one. @param version first version of the commit that records it
 */
export function advance(
  state: SegmentState,
  member: Member,
  frame: OpenedFrame,
  annotations: number,
  version: number,
  effect: FrameEffect,
): void {
  effect.annotations = annotations;
  effect.slotsRepeated = 0;
  effect.conflicts.length = 0;
  effect.epochOpened = useCounter(state, frame, version);
  if (frame.count === 0 || annotations & ANNOTATION.misaligned) return;
  takeSlots(state, member, frame, effect);
}

function takeSlots(state: SegmentState, member: Member, frame: OpenedFrame, effect: FrameEffect): void {
  const lane = state.members.lane(frame.member, frame.channel)!;
  const lanes = state.lanes;
  const seconds = frame.minutes * 60;
  const last = frame.end / seconds;
  const before = lanes.newest(lane);
  if (!lanes.extend(lane, last - frame.count + 1, frame.count, frame.deltas)) {
    for (let i = 0, slot = last - frame.count + 1; i < frame.count; i++, slot++) {
      const value = frame.deltas[i]!;
      const standing = lanes.standing(lane, slot, value);
      if (standing === SLOT.fresh) lanes.accept(lane, slot, value);
      else noteRepeat(standing, lanes.valueOf(lane, slot), slot * seconds, value, effect);
    }
  }
  if (last <= before) return;
  const register = lanes.register(lane);
  effect.annotations |= registerBits(
    register,
    frame.register,
    last - before,
    member.capacity[frame.channel]!,
    member.modulus[frame.channel]!,
  );
  lanes.setRegister(lane, frame.register);
}

function noteRepeat(standing: number, known: number | undefined, slotEnd: number, value: number, effect: FrameEffect): void {
  if (standing === SLOT.same) {
    effect.slotsRepeated++;
    effect.annotations |= ANNOTATION.slotRepeated;
  } else if (standing === SLOT.old) effect.annotations |= ANNOTATION.slotRepeatUnchecked;
  else {
    effect.conflicts.push({ slotEnd, first: known!, second: value });
    effect.annotations |= ANNOTATION.slotConflict;
  }
}
