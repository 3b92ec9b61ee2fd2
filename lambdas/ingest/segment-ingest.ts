import { hash } from 'node:crypto';
import { BatchDecision } from '../../domain/telemetry/batch-decision.ts';
import { type Member, relayAllowed } from '../../domain/telemetry/members.ts';
import type { DomainEvent, RefusalReason } from '../../events/index.ts';
import type { Batch } from '../../protocol/batch.ts';
import type { Defences } from '../../topology/defences.ts';
import type { WarmSegment } from '../shared/segments.ts';
import { answerMeters } from './answering.ts';
import type { EpochKeyCache } from './epoch-keys.ts';
import { epochOf, type FrameOpening, frameBytes, frameHash } from './frame-opening.ts';
import type { TelemetryMessage } from './telemetry-message.ts';
import type { Throttles } from './throttles.ts';

/** The frames of one batch that belong to one segment, and what is needed to judge them. */
export interface Portion {
  readonly message: TelemetryMessage;
  readonly batch: Batch;
  /** Places in the batch. */
  readonly frames: readonly number[];
  /** Worker's number of the meter, per place in the batch. */
  readonly meters: Int32Array;
  /** First tag bytes of older frames that had to be read back, by place in the batch. */
  readonly olderTags: ReadonlyMap<number, number>;
}

export interface Judged {
  readonly events: DomainEvent[];
  /** Frames of meters that are not (any more) in this segment. */
  readonly notMine: number[];
}

/**
 * Judges a portion frame by frame, cheapest check first, and moves the segment on. Synchronous: between looking at the
 * segment and sealing the commit nobody else can touch it.
 */
export class SegmentIngest {
  readonly #defences: Defences;
  readonly #opening: FrameOpening;
  readonly #keys: EpochKeyCache;
  readonly #throttles: Throttles;
  readonly #decision: BatchDecision;

  constructor(parts: { defences: Defences; opening: FrameOpening; keys: EpochKeyCache; throttles: Throttles }) {
    this.#defences = parts.defences;
    this.#opening = parts.opening;
    this.#keys = parts.keys;
    this.#throttles = parts.throttles;
    this.#decision = new BatchDecision(parts.defences);
  }

  judge(warm: WarmSegment, portion: Portion): Judged {
    const { message, batch, meters } = portion;
    const { state } = warm;
    const ref = { dcId: message.dcId, sequence: batch.sequence, digest: message.digest.subarray(0, 8) };
    this.#decision.begin(state, ref, message.brokerTime);
    const notMine: number[] = [];
    const numbers = new Map<number, number>();
    for (const i of portion.frames) {
      const offset = batch.offset[i]! + 8;
      const number = state.members.find(batch.bytes.readUInt32BE(offset), batch.bytes.readUInt32BE(offset + 4));
      if (number < 0) notMine.push(i);
      else {
        numbers.set(number, meters[i]!);
        this.#frame(state.members.at(number)!, number, i, portion);
      }
    }
    const { touched, counterReuse } = this.#decision;
    // An epoch that the meter has left behind already is no reason for another one, however often it is replayed.
    const latest = (meterId: string) => Math.max(...state.windows.epochs(state.members.findId(meterId)));
    const reused = new Set(counterReuse.filter(({ meterId, epoch }) => epoch === latest(meterId)).map(({ meterId }) => meterId));
    const events = this.#decision.finish();
    const heard = {
      state,
      dcId: message.dcId,
      brokerTime: message.brokerTime,
      touched,
      reused,
      meterNumber: (n: number) => numbers.get(n)!,
    };
    events.push(...answerMeters(heard, this.#keys, this.#defences.gapRequests));
    return { events, notMine };
  }

  /** One frame; whatever goes wrong with it stays with it. */
  #frame(member: Member, number: number, i: number, portion: Portion): void {
    try {
      const reason = this.#taken(member, number, i, portion);
      if (reason !== undefined) this.#refuse(reason, i, portion);
    } catch (error) {
      if (!this.#defences.poisonIsolation) throw error;
      this.#refuse('handler-fault', i, portion);
    }
  }

  #taken(member: Member, number: number, i: number, portion: Portion): RefusalReason | undefined {
    const { message, batch, meters } = portion;
    if (member.status !== 'active') return member.status === 'retired' ? 'meter-retired' : 'meter-quarantined';
    const assigned = relayAllowed(member, message.dcId, message.brokerTime);
    const throttled = this.#throttles.frame(message.dcId, meters[i]!, assigned, message.brokerTime);
    if (throttled !== undefined) return throttled;
    const cell = this.#keys.find(meters[i]!, epochOf(batch, i), message.brokerTime);
    if (cell === undefined) return this.#keys.hasNewer(meters[i]!, epochOf(batch, i)) ? 'epoch-destroyed' : 'unknown-epoch';
    const refused = this.#opening.read(batch, i, number, cell);
    if (refused !== undefined) return refused;
    this.#decision.take(member, this.#opening.frame, this.#opening.source, portion.olderTags.get(i));
    return undefined;
  }

  #refuse(reason: RefusalReason, i: number, { batch, message }: Portion): void {
    const raw = this.#throttles.keepRaw(message.dcId, message.brokerTime) ? Buffer.from(frameBytes(batch, i)) : undefined;
    this.#decision.refuse(reason, () => frameHash(batch, i), raw);
  }
}

/** The same batch for the same segment is the same commit. */
export function commitIdOf(message: TelemetryMessage, sequence: number, segment: string, part: number): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${message.dcId}\0${sequence}\0${segment}\0${part}\0`), message.digest]), 'buffer');
}
