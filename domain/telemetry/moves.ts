import { JoulekeepError, type MemberTelemetry, type MeterJoined } from '../../events/index.ts';
import { newMember, openLanes } from './members.ts';
import type { SegmentState } from './segment-state.ts';

/** A member's windows, slots and registers as one plain record. */
export function dumpMember(state: SegmentState, number: number): MemberTelemetry {
  const member = state.members.at(number);
  if (member === undefined) throw new JoulekeepError('ERR_NOT_A_MEMBER', `no member ${number} in this segment`);
  const { since, dnSeq, ackedAt, askedAt } = member;
  return { since, dnSeq, ackedAt, askedAt, windows: state.windows.dump(number), lanes: member.lanes.map((lane) => state.lanes.dump(lane)) };
}

/** Gives the member a place; a moved one goes on where it stood. */
export function joinMember(state: SegmentState, joined: MeterJoined): void {
  const carried = joined.from?.state;
  if (carried === undefined) {
    const lanes = openLanes(state.lanes, joined.asset, joined.at);
    state.members.set(joined.member, newMember(joined.meterId, joined.asset, joined.relays, joined.at, lanes));
    return;
  }
  restoreMember(state, joined.member, newMember(joined.meterId, joined.asset, joined.relays, joined.at, []), carried, false);
}

/** @param sameStream false when the telemetry comes from another stream, whose commit versions mean nothing here */
export function restoreMember(
  state: SegmentState,
  number: number,
  member: ReturnType<typeof newMember>,
  carried: MemberTelemetry,
  sameStream: boolean,
): void {
  const lanes = carried.lanes.map((lane) => state.lanes.restore(lane));
  const { since, dnSeq, ackedAt, askedAt } = carried;
  state.members.set(number, { ...member, lanes, since, dnSeq, ackedAt, askedAt });
  for (const window of carried.windows) state.windows.restore(number, window, sameStream);
}

/** The member's place stays empty: frames that still come are answered `not-mine` and routed again. */
export function leaveMember(state: SegmentState, meterId: string): void {
  const number = state.members.findId(meterId);
  if (number < 0) return;
  for (const epoch of state.windows.epochs(number)) state.windows.drop(number, epoch);
  state.members.remove(number);
}
