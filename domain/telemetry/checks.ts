import { ANNOTATION, NO_VALUE, RECORD_FLAG } from '../../events/index.ts';
import type { Member } from './members.ts';
import type { OpenedFrame } from './opened-frame.ts';

const WARN_FAST_MS = 3 * 60_000;
/** A 16-bit value beyond the fuse with its top bit set is a small negative number of a meter that counts both ways. */
const SIGN_BIT = 0x8000;
const DEVICE_FAULT = RECORD_FLAG.reset | RECORD_FLAG.memoryError | RECORD_FLAG.testMode;

/** Rules that need only the frame and the asset record: V01, V02, V07, V08, V20, V21, V22. @returns annotation bits */
export function annotate(frame: OpenedFrame, member: Member, brokerTime: number): number {
  let bits = clockBits(frame, brokerTime);
  if (frame.flags & DEVICE_FAULT) bits |= ANNOTATION.deviceFlags;
  if (frame.flags & RECORD_FLAG.outage) bits |= ANNOTATION.outage;
  if (frame.minutes !== member.asset.intervalMinutes) bits |= ANNOTATION.misaligned | ANNOTATION.assetMismatch;
  else if (frame.end % (frame.minutes * 60) !== 0) bits |= ANNOTATION.misaligned;
  if (frame.register >= member.modulus[frame.channel]!) bits |= ANNOTATION.assetMismatch;
  const capacity = member.capacity[frame.channel]!;
  for (let i = 0; i < frame.count; i++) {
    const delta = frame.deltas[i]!;
    if (delta > capacity && delta !== NO_VALUE) bits |= delta & SIGN_BIT ? ANNOTATION.negative : ANNOTATION.overCapacity;
  }
  return bits;
}

/** V01 speaks of live frames only: a resent one is late by nature. */
function clockBits(frame: OpenedFrame, brokerTime: number): number {
  let bits = frame.flags & RECORD_FLAG.clockDoubtful ? ANNOTATION.clockDoubtful : 0;
  if (frame.flags & RECORD_FLAG.resent) return bits;
  const ahead = frame.end * 1000 - brokerTime;
  if (ahead > frame.minutes * 60_000) bits |= ANNOTATION.clockWrong;
  else if (ahead > WARN_FAST_MS) bits |= ANNOTATION.clockFast;
  return bits;
}

/**
 * V16 against the lane's last register. Judged when the frame moves the lane on and the span between is covered.
 * @param elapsedSlots slots since the last register @returns annotation bits
 */
export function registerBits(previous: number, register: number, elapsedSlots: number, capacity: number, modulus: number): number {
  if (previous < 0 || register >= previous) return 0;
  return register + modulus - previous <= capacity * Math.max(1, elapsedSlots) ? ANNOTATION.registerRollover : ANNOTATION.registerBackwards;
}
