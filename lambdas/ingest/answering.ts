import { type Answer, answersDue } from '../../domain/telemetry/answers.ts';
import type { Member } from '../../domain/telemetry/members.ts';
import type { SegmentState } from '../../domain/telemetry/segment-state.ts';
import type { IssuedDownlink, SegmentEvent } from '../../events/index.ts';
import { encodeAck, encodeDownlink, encodeResend } from '../../protocol/downlink.ts';
import { behindFence } from '../shared/restore-fence.ts';
import type { EpochKeyCache } from './epoch-keys.ts';

/** Who was heard in a batch, and what a meter must hear back. */
export interface Heard {
  readonly state: SegmentState;
  readonly dcId: string;
  readonly brokerTime: number;
  /** Member number to whether the meter is known to wait. */
  readonly touched: ReadonlyMap<number, boolean>;
  /** Meters that used a counter twice: they get a new epoch. */
  readonly reused: ReadonlySet<string>;
  /** Worker's number of a meter, for its keys. */
  readonly meterNumber: (member: number) => number;
}

/**
 * Exact bytes of the answers due, as one event for the same commit. A meter without a usable epoch gets none: it is
 * about to say HELLO anyway. @returns no event when nothing is due
 */
export function answerMeters(heard: Heard, keys: EpochKeyCache, gapRequests: boolean): SegmentEvent[] {
  const messages: IssuedDownlink[] = [];
  for (const [number, waiting] of heard.touched) {
    const member = heard.state.members.at(number)!;
    const due: (Answer | { kind: 'epoch-request' })[] = answersDue(heard.state, member, heard.brokerTime, waiting, gapRequests);
    if (heard.reused.size > 0 && heard.reused.has(member.meterId)) due.push({ kind: 'epoch-request' });
    if (due.length > 0) seal(heard, keys, member, number, due, messages);
  }
  return messages.length > 0 ? [{ type: 'DownlinksIssued', data: { at: heard.brokerTime, messages } }] : [];
}

function seal(
  heard: Heard,
  keys: EpochKeyCache,
  member: Member,
  number: number,
  due: readonly (Answer | { kind: 'epoch-request' })[],
  messages: IssuedDownlink[],
): void {
  const epoch = Math.max(0, ...heard.state.windows.epochs(number));
  const cell = keys.find(heard.meterNumber(number), epoch, heard.brokerTime);
  if (cell === undefined || behindFence(keys.fence, keys.createdAtOf(cell))) return;
  const macKey = keys.macKeyOf(cell);
  let { dnSeq } = member;
  for (const answer of due) {
    dnSeq++;
    const { meterId } = member;
    const bytes = encodeDownlink({ type: answer.kind, meterId, epoch, dnSeq, body: bodyOf(answer) }, macKey);
    messages.push({ meterId, dcId: heard.dcId, kind: answer.kind, dnSeq, bytes });
  }
}

function bodyOf(answer: Answer | { kind: 'epoch-request' }): Buffer {
  if (answer.kind === 'ack') return encodeAck({ channels: answer.channels });
  return answer.kind === 'resend' ? encodeResend({ spans: answer.spans }) : Buffer.alloc(0);
}
