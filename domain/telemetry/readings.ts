import type { AssetRecord, DomainEvent, FrameColumns, MeterJoined } from '../../events/index.ts';
import { NO_VALUE } from '../../events/index.ts';
import { type OpenedFrame, recordedFrames } from './opened-frame.ts';
import { type Claim, countsSlots, isReleased, standsBefore } from './slot-rule.ts';

/** One slot's reading as recorded. */
export interface Reading {
  readonly meterId: string;
  readonly channel: number;
  /** UTC seconds. */
  readonly end: number;
  readonly minutes: number;
  /** Energy: counts times scale times multiplier of the channel. */
  readonly energyWh: number;
}

/** A meter in the stream that is being read. */
interface Home {
  readonly meterId: string;
  asset: AssetRecord;
  readonly accepted: Claim;
  readonly released: Claim;
}

interface Lane {
  readonly minutes: number;
  /** Interval end to Wh. */
  readonly slots: Map<number, number>;
  /** How its first value came, and most; the others by interval end. */
  readonly claim: Claim;
  readonly others: Map<number, Claim>;
}

/**
 * Readings of segment streams, folded commit by commit: a slot is (meter, channel, interval end), one version of a slot counts
 * (`standsBefore`), and nothing that was delivered again adds to it. Streams may come in any order.
 */
export class ReadingsFold {
  /** By `<meterId>/<channel>`. */
  readonly #lanes = new Map<string, Lane>();
  #homes: (Home | undefined)[] = [];
  #segment = '';

  /** Each stream numbers its members itself. @param segment whose stream it is; a tie of two is decided by it */
  beginStream(segment = ''): void {
    this.#homes = [];
    this.#segment = segment;
  }

  add(event: DomainEvent): void {
    if (event.type === 'MeterJoined') this.#homes[event.data.member] = this.#homeOf(event.data);
    else if (event.type === 'MemberAmended' && event.data.asset !== undefined) {
      const home = this.#homes.findLast((known) => known?.meterId === event.data.meterId);
      if (home !== undefined) home.asset = event.data.asset;
    } else if (event.type === 'FramesAccepted') this.#addFrames(event.data.frames, event.data.brokerTime);
    else if (event.type === 'FramesHeld') this.#addFrames(event.data.frames, event.data.brokerTime, event.data.reasons);
  }

  #homeOf({ meterId, asset, at: since }: MeterJoined): Home {
    const claim = { since, segment: this.#segment };
    return { meterId, asset, accepted: { ...claim, released: false }, released: { ...claim, released: true } };
  }

  /** @param reasons given for frames that were set aside */
  #addFrames(columns: FrameColumns, brokerTime: number, reasons?: Uint8Array): void {
    if (reasons !== undefined && !reasons.some(isReleased)) return;
    const released = reasons !== undefined;
    for (const { frame, i } of recordedFrames(columns)) {
      if (released && !isReleased(reasons[i]!)) continue;
      const home = this.#homes[frame.member];
      if (home === undefined || !countsSlots(frame, home.asset, brokerTime, released)) continue;
      this.#addFrame(frame, home, released ? home.released : home.accepted);
    }
  }

  #addFrame(frame: OpenedFrame, { meterId, asset }: Home, claim: Claim): void {
    const { scale, multiplier } = asset.channels[frame.channel]!;
    const lane = this.#laneOf(`${meterId}/${frame.channel}`, frame.minutes, claim);
    const seconds = frame.minutes * 60;
    for (let i = 0, end = frame.end - (frame.count - 1) * seconds; i < frame.count; i++, end += seconds) {
      const value = frame.deltas[i]!;
      if (value === NO_VALUE) continue;
      if (lane.slots.has(end) && !standsBefore(claim, lane.others.get(end) ?? lane.claim)) continue;
      lane.slots.set(end, value * scale * multiplier);
      if (claim !== lane.claim) lane.others.set(end, claim);
      else lane.others.delete(end);
    }
  }

  #laneOf(key: string, minutes: number, claim: Claim): Lane {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const made = { minutes, slots: new Map(), claim, others: new Map() };
    this.#lanes.set(key, made);
    return made;
  }

  /** @returns number of slots with a value, and their energy */
  totals(): { readings: number; energyWh: number } {
    let readings = 0;
    let energyWh = 0;
    for (const { slots } of this.#lanes.values()) {
      readings += slots.size;
      for (const value of slots.values()) energyWh += value;
    }
    return { readings, energyWh };
  }

  /** By meter, channel and time, rising. */
  *sorted(): Generator<Reading> {
    for (const key of [...this.#lanes.keys()].sort()) {
      const [meterId, channel] = key.split('/') as [string, string];
      const { slots, minutes } = this.#lanes.get(key)!;
      for (const end of [...slots.keys()].sort((a, b) => a - b)) {
        yield { meterId, channel: Number(channel), end, minutes, energyWh: slots.get(end)! };
      }
    }
  }
}
