import type { Member } from './members.ts';
import type { SegmentState } from './segment-state.ts';

/** A meter hears how far its profile has arrived at least this often, while frames come: before it would ask, after 26 hours. */
const ACK_EVERY_MS = 20 * 3_600_000;
/** Missing slots are asked for again after this long. */
const ASK_EVERY_MS = 4 * 3_600_000;
/** Spans in one resend request at most, over all channels, and of one channel. */
const SPANS = 64;
const SPANS_OF_CHANNEL = 16;
const OLDEST_S = 45 * 86_400;

/** What a meter is told after a batch. Interval ends in UTC seconds. */
export type Answer =
  | { readonly kind: 'ack'; readonly channels: readonly { channel: number; end: number; bitmap: Buffer; held: Buffer }[] }
  | { readonly kind: 'resend'; readonly spans: readonly { channel: number; from: number; to: number }[] };

/**
 * Answers due to a member that was just heard. @param waiting the meter is known to wait: first frame of an epoch, or a
 * resent one @param gapRequests whether missing slots are asked for
 */
export function answersDue(state: SegmentState, member: Member, brokerTime: number, waiting: boolean, gapRequests: boolean): Answer[] {
  const answers: Answer[] = [];
  const ackDue = waiting || brokerTime - member.ackedAt >= ACK_EVERY_MS;
  const askDue = gapRequests && brokerTime - member.askedAt >= ASK_EVERY_MS && member.lanes.some((lane) => state.lanes.hasHoles(lane));
  if (askDue) {
    const spans = missingSpans(state, member, brokerTime);
    if (spans.length > 0) answers.push({ kind: 'resend', spans });
  }
  if (ackDue) answers.push({ kind: 'ack', channels: acknowledgements(state, member, brokerTime) });
  return answers;
}

function acknowledgements(
  state: SegmentState,
  member: Member,
  brokerTime: number,
): { channel: number; end: number; bitmap: Buffer; held: Buffer }[] {
  const seconds = member.asset.intervalMinutes * 60;
  const oldest = Math.floor((brokerTime / 1000 - OLDEST_S) / seconds);
  return member.lanes.map((lane, channel) => {
    const ack = state.lanes.acknowledgement(lane, oldest);
    return { channel, end: ack.end * seconds, bitmap: ack.bitmap, held: ack.held };
  });
}

/** Slots that two newer frames have overtaken: a frame of four quarter-hours is the unit. */
function missingSpans(state: SegmentState, member: Member, brokerTime: number): { channel: number; from: number; to: number }[] {
  const seconds = member.asset.intervalMinutes * 60;
  const oldest = Math.floor((brokerTime / 1000 - OLDEST_S) / seconds);
  const overtaken = 8;
  return member.lanes.flatMap((lane, channel) => {
    return state.lanes
      .holes(lane, state.lanes.newest(lane) - overtaken)
      .filter((hole) => hole.to > oldest)
      .slice(0, Math.min(SPANS_OF_CHANNEL, Math.floor(SPANS / member.lanes.length)))
      .map((hole) => ({ channel, from: hole.from * seconds, to: hole.to * seconds }));
  });
}

/** V26: members whose newest slot is older than allowed, so that nothing newer can reveal the gap. @param allowedMs periods plus spool */
export function silentMembers(
  state: SegmentState,
  now: number,
  allowedMs: number,
): { member: Member; spans: { channel: number; from: number; to: number }[] }[] {
  const silent = [];
  for (const [, member] of state.members.all()) {
    if (member.status !== 'active' || now - member.askedAt < ASK_EVERY_MS) continue;
    const seconds = member.asset.intervalMinutes * 60;
    const last = Math.floor((now - allowedMs) / 1000 / seconds);
    const spans = member.lanes.flatMap((lane, channel) => {
      const newest = state.lanes.newest(lane);
      return newest < last ? [{ channel, from: (newest + 1) * seconds, to: last * seconds }] : [];
    });
    if (spans.length > 0) silent.push({ member, spans });
  }
  return silent;
}
