import { type CarriedBatches, JoulekeepError, type MemberTelemetry, type MeterJoined, type MeterLeft } from '../../events/index.ts';
import { BatchWindow } from './batch-window.ts';
import { type Carried, type Member, newMember, openLanes } from './members.ts';
import type { SegmentState } from './segment-state.ts';

/** Concentrators whose batches a meter takes along at most: with 3 KB each, its departure still fits one commit. */
const MOST_CARRIED = 12;
/** Longer than any queue keeps a message. */
const CARRIED_MS = 15 * 86_400_000;

/** A member's windows, slots and registers as one plain record. */
export function dumpMember(state: SegmentState, number: number): MemberTelemetry {
  const member = state.members.at(number);
  if (member === undefined) throw new JoulekeepError('ERR_NOT_A_MEMBER', `no member ${number} in this segment`);
  const { since, dnSeq, ackedAt, askedAt } = member;
  const batches = member.carried.map(({ window, ...of }) => ({ ...of, ...window.dump() }));
  const lanes = member.lanes.map((lane) => state.lanes.dump(lane));
  return { since, dnSeq, ackedAt, askedAt, windows: state.windows.dump(number), lanes, ...(batches.length > 0 ? { batches } : {}) };
}

/** The same with the batches that this segment judged while the meter was here. @param at when it leaves, UTC ms */
export function leavingMember(state: SegmentState, number: number, at: number): MemberTelemetry {
  const dumped = dumpMember(state, number);
  const member = state.members.at(number)!;
  const own = ownFirst([...state.batches], member).flatMap(([dcId, window]): CarriedBatches[] => {
    const judged = window.after(member.joined);
    return judged === undefined ? [] : [{ dcId, at, ...judged.dump() }];
  });
  return { ...dumped, batches: [...own, ...(dumped.batches ?? [])].slice(0, MOST_CARRIED) };
}

function ownFirst(batches: [string, BatchWindow][], { relays }: Member): [string, BatchWindow][] {
  const foreign = (dcId: string) => Number(!relays.some((relay) => relay.dcId === dcId));
  return batches.sort(([a], [b]) => foreign(a) - foreign(b));
}

/** Gives the member a place; a moved one goes on where it stood. @param version first version of the commit */
export function joinMember(state: SegmentState, joined: MeterJoined, version: number): void {
  const { from } = joined;
  const before = state.left.get(joined.meterId);
  state.left.delete(joined.meterId);
  const member = newMember(joined.meterId, joined.asset, joined.relays, joined.at, []);
  if (from === undefined) {
    state.members.set(joined.member, { ...member, joined: version, lanes: openLanes(state.lanes, joined.asset, joined.at) });
    return;
  }
  const carried = (from.state.batches ?? []).map((batches) => ({ ...batches, segment: batches.segment ?? from.segment }));
  const cameBy = [...(before?.cameBy ?? []), hexOf(from.chainHead)];
  restoreMember(state, joined.member, { ...member, joined: version, cameBy }, { ...from.state, batches: carried }, false);
}

/** @param sameStream false when the telemetry comes from another stream, whose commit versions mean nothing here */
export function restoreMember(state: SegmentState, number: number, member: Member, telemetry: MemberTelemetry, sameStream: boolean): void {
  const lanes = telemetry.lanes.map((lane) => state.lanes.restore(lane));
  const { since, dnSeq, ackedAt, askedAt } = telemetry;
  const carried = (telemetry.batches ?? []).map(asCarried);
  state.members.set(number, { ...member, lanes, since, dnSeq, ackedAt, askedAt, carried });
  if (carried.length > 0) state.carrying.add(number);
  for (const window of telemetry.windows) state.windows.restore(number, window, sameStream);
}

/** The member's place stays empty: frames that still come are answered `not-mine` and routed to where it went. */
export function leaveMember(state: SegmentState, { meterId, toSegment }: MeterLeft, version: number): void {
  const number = state.members.findId(meterId);
  const member = state.members.at(number);
  if (member === undefined) return;
  const { cameBy } = member;
  for (const epoch of state.windows.epochs(number)) state.windows.drop(number, epoch);
  state.members.remove(number);
  state.carrying.delete(number);
  state.left.set(meterId, { toSegment, version, cameBy });
}

/** Lets go of what no queue can deliver any more. @param now UTC ms */
export function forgetCarried(state: SegmentState, now: number): void {
  for (const number of state.carrying) {
    const carried = state.members.at(number)!.carried.filter(({ at }) => now - at < CARRIED_MS);
    state.members.change(number, { carried });
    if (carried.length === 0) state.carrying.delete(number);
  }
}

/** Where a member's frames of a batch were judged before: here (no segment named) or where it came from. */
export interface JudgedBefore {
  readonly segment?: string;
  readonly version: number;
}

/**
 * A segment that records a batch has judged the frames of everybody who is a member at that version. So a member's frames
 * were judged if its segment recorded the batch after it came, or an earlier one before it left.
 * @param recorded first version of the commit that recorded the batch here, -1 for none
 */
export function judgedBefore(
  state: SegmentState,
  number: number,
  batch: { readonly dcId: string; readonly digest: Uint8Array },
  recorded: number,
): JudgedBefore | undefined {
  const { joined, carried } = state.members.at(number)!;
  if (recorded > joined) return { version: recorded };
  for (const { segment, dcId, window } of carried) {
    const version = dcId === batch.dcId ? window.find(batch.digest) : -1;
    if (version >= 0) return { segment, version };
  }
  return undefined;
}

function asCarried({ segment = '', dcId, at, ...dumped }: CarriedBatches): Carried {
  return { segment, dcId, at, window: BatchWindow.restore(dumped) };
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
