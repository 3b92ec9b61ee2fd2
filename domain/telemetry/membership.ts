import {
  type AssetRecord,
  type IssuedDownlink,
  JoulekeepError,
  type MemberStatus,
  type MemberTelemetry,
  type RelayInterval,
  type SegmentEvent,
} from '../../events/index.ts';
import { hexOf, leavingMember } from './moves.ts';
import type { SegmentState } from './segment-state.ts';

/** Most meters of one segment at a time. */
export const SEGMENT_SIZE = 512;

/** What may be asked of a segment besides deciding a batch. Times are UTC ms. */
export type SegmentCommand =
  | {
      readonly type: 'JoinMeter';
      readonly meterId: string;
      readonly asset: AssetRecord;
      readonly relays: readonly RelayInterval[];
      readonly at: number;
      readonly from?: { readonly segment: string; readonly chainHead: Uint8Array; readonly state: MemberTelemetry };
    }
  | {
      readonly type: 'AmendMember';
      readonly meterId: string;
      readonly asset?: AssetRecord;
      readonly relays?: readonly RelayInterval[];
      readonly status?: MemberStatus;
      readonly epochsDestroyed?: readonly number[];
      readonly at: number;
    }
  | { readonly type: 'LeaveMeter'; readonly meterId: string; readonly toSegment: string; readonly at: number }
  | {
      readonly type: 'IssueDownlink';
      readonly meterId: string;
      readonly dcId: string;
      readonly kind: IssuedDownlink['kind'];
      /** Makes the exact bytes once the sequence number is known; deterministic. */
      readonly seal: (dnSeq: number) => Buffer;
      readonly at: number;
    };

/**
 * @returns events, none when it is already so
 * @throws ERR_SEGMENT_FULL for a 513th meter that is enrolled (a move looks for room before it begins), ERR_NOT_A_MEMBER for a downlink to a meter that isn't here
 */
export function decideMembership(state: SegmentState, command: SegmentCommand): SegmentEvent[] {
  const number = state.members.findId(command.meterId);
  switch (command.type) {
    case 'JoinMeter': {
      if (number >= 0 || movedOn(state, command)) return [];
      const { type: _, ...joined } = command;
      if (command.from === undefined && state.members.present >= SEGMENT_SIZE)
        throw new JoulekeepError('ERR_SEGMENT_FULL', `segment has ${SEGMENT_SIZE} meters already`);
      return [{ type: 'MeterJoined', data: { ...joined, member: state.members.count } }];
    }
    case 'AmendMember': {
      const { type: _, ...amended } = command;
      return number < 0 ? [] : [{ type: 'MemberAmended', data: amended }];
    }
    case 'LeaveMeter': {
      const { meterId, toSegment, at } = command;
      return number < 0 ? [] : [{ type: 'MeterLeft', data: { meterId, toSegment, at, state: leavingMember(state, number, at) } }];
    }
    case 'IssueDownlink': {
      const member = state.members.at(number);
      if (member === undefined) throw new JoulekeepError('ERR_NOT_A_MEMBER', `${command.meterId} is not in this segment`);
      const { meterId, dcId, kind, seal, at } = command;
      const dnSeq = member.dnSeq + 1;
      return [{ type: 'DownlinksIssued', data: { at, messages: [{ meterId, dcId, kind, dnSeq, bytes: seal(dnSeq) }] } }];
    }
    default:
      return command satisfies never;
  }
}

/** Who left comes back by a move only, and by each move once: not with an enrolment that is repeated, nor with a mover that slept. */
function movedOn(state: SegmentState, { meterId, from }: Extract<SegmentCommand, { type: 'JoinMeter' }>): boolean {
  const departure = state.left.get(meterId);
  if (departure === undefined) return false;
  return from === undefined || departure.cameBy.includes(hexOf(from.chainHead));
}
