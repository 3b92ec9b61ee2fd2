import { ANNOTATION, type DomainEvent, type FramesAccepted, type MemberAmended, type MeterJoined } from '../../events/index.ts';
import { type Judged, judgedBy, openLanes } from './members.ts';
import { MeterIndex, meterHigh, meterLow } from './meter-index.ts';
import { type OpenedFrame, recordedFrames } from './opened-frame.ts';
import type { SegmentState } from './segment-state.ts';
import { SlotLanes } from './slot-lanes.ts';

/** Hears of a slot that comes for the first time: `frame.deltas[i]`. The frame is refilled for the next one. */
export type SlotWatcher = (member: number, kind: Judged, frame: OpenedFrame, i: number) => void;

/**
 * A segment as far as slots go: who is a member, and what of theirs arrived. It answers that as `SegmentState` does, here and
 * for a meter that was elsewhere before, and keeps neither counters nor batches nor values: 40 bytes a lane.
 */
export class SlotFold {
  readonly #index = new MeterIndex();
  /** By member number; what a member left behind stays empty. */
  readonly #kinds: (Judged | undefined)[] = [];
  /** Lanes of a member follow each other. */
  readonly #firstLane: number[] = [];
  readonly #laneCount: number[] = [];
  readonly #lanes = new SlotLanes(false);
  readonly #retired = new Set<number>();
  /** Version of the last event folded in, -1 at the start. */
  version = -1;

  /** What a segment's checkpoint knows of slots. */
  static of(state: SegmentState): SlotFold {
    const fold = new SlotFold();
    for (const [number, member] of state.members.all()) {
      const { meterId, asset, lanes, status } = member;
      if (status === 'retired') fold.#retired.add(number);
      fold.#place(
        number,
        meterId,
        asset,
        lanes.map((lane) => fold.#lanes.restore(state.lanes.dump(lane))),
      );
    }
    fold.version = state.version;
    return fold;
  }

  /** Of a meter that is here and in use. */
  assetOf(meterId: string): Judged['asset'] | undefined {
    const number = this.#index.get(meterHigh(meterId), meterLow(meterId));
    return number < 0 || this.#retired.has(number) ? undefined : this.#kinds[number]?.asset;
  }

  /** Folds one recorded commit. @param version of its first event */
  take(version: number, events: readonly DomainEvent[], tell?: SlotWatcher): void {
    for (const event of events) {
      if (event.type === 'FramesAccepted') this.#takeFrames(event.data, tell);
      else if (event.type === 'MeterJoined') this.#join(event.data);
      else if (event.type === 'MeterLeft') this.#change(event.data.meterId, undefined);
      else if (event.type === 'MemberAmended') this.#amend(event.data);
    }
    this.version = version + events.length - 1;
  }

  #takeFrames({ frames }: FramesAccepted, tell: SlotWatcher | undefined): void {
    const { annotations } = frames;
    for (const { frame, i } of recordedFrames(frames)) {
      const kind = this.#kinds[frame.member];
      const misaligned = ((annotations[i * 4]! | (annotations[i * 4 + 1]! << 8)) & ANNOTATION.misaligned) !== 0;
      if (kind === undefined || frame.count === 0 || misaligned || frame.channel >= this.#laneCount[frame.member]!) continue;
      this.#takeSlots(this.#firstLane[frame.member]! + frame.channel, kind, frame, tell);
    }
  }

  #takeSlots(lane: number, kind: Judged, frame: OpenedFrame, tell: SlotWatcher | undefined): void {
    const first = frame.end / (frame.minutes * 60) - frame.count + 1;
    const regular = this.#lanes.extend(lane, first, frame.count, frame.deltas);
    for (let i = 0; i < frame.count; i++) {
      if (!regular) {
        if (this.#lanes.arrived(lane, first + i)) continue;
        this.#lanes.accept(lane, first + i, frame.deltas[i]!);
      }
      tell?.(frame.member, kind, frame, i);
    }
  }

  #join({ member, meterId, asset, at, from }: MeterJoined): void {
    const lanes = from === undefined ? openLanes(this.#lanes, asset, at) : from.state.lanes.map((lane) => this.#lanes.restore(lane));
    this.#place(member, meterId, asset, lanes);
  }

  #amend({ meterId, asset, status }: MemberAmended): void {
    if (asset !== undefined) this.#change(meterId, judgedBy(asset));
    const number = this.#index.get(meterHigh(meterId), meterLow(meterId));
    if (number < 0 || status === undefined) return;
    if (status === 'retired') this.#retired.add(number);
    else this.#retired.delete(number);
  }

  #place(number: number, meterId: string, asset: Judged['asset'], lanes: readonly number[]): void {
    while (this.#kinds.length <= number) {
      this.#kinds.push(undefined);
      this.#firstLane.push(0);
      this.#laneCount.push(0);
    }
    this.#kinds[number] = judgedBy(asset);
    this.#firstLane[number] = lanes[0] ?? 0;
    this.#laneCount[number] = lanes.length;
    this.#index.set(meterHigh(meterId), meterLow(meterId), number);
  }

  /** Of a meter that is here. */
  #change(meterId: string, kind: Judged | undefined): void {
    const number = this.#index.get(meterHigh(meterId), meterLow(meterId));
    if (number >= 0 && this.#kinds[number] !== undefined) this.#kinds[number] = kind;
  }
}
