import { ANNOTATION, type Channel, type DomainEvent, NO_VALUE, type SlotConflict } from '../../events/index.ts';
import { type OpenedFrame, recordedFrames } from './opened-frame.ts';

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

/**
 * Readings of one segment stream, folded commit by commit: a slot is (meter, channel, interval end), the first version of
 * a slot counts, and nothing that was delivered again adds to it. Streams may come in any order.
 */
export class ReadingsFold {
  /** `<meterId>/<channel>` to interval end to Wh. */
  readonly #lanes = new Map<string, Map<number, number>>();
  readonly #minutes = new Map<string, number>();
  #members: { meterId: string; channels: readonly Channel[] }[] = [];

  /** Each stream numbers its members itself. */
  beginStream(): void {
    this.#members = [];
  }

  add(event: DomainEvent): void {
    if (event.type === 'MeterJoined') {
      this.#members[event.data.member] = { meterId: event.data.meterId, channels: event.data.asset.channels };
    } else if (event.type === 'MemberAmended' && event.data.asset !== undefined) {
      const member = this.#members.find((known) => known?.meterId === event.data.meterId);
      if (member !== undefined) member.channels = event.data.asset.channels;
    } else if (event.type === 'SlotConflict') {
      this.#keepFirst(event.data);
    } else if (event.type === 'FramesAccepted') {
      const annotations = Buffer.from(event.data.frames.annotations);
      for (const { frame, i } of recordedFrames(event.data.frames)) {
        if ((annotations.readUInt32LE(i * 4) & ANNOTATION.misaligned) === 0) this.#addFrame(frame);
      }
    }
  }

  /** The first version may stand in the stream of an earlier segment, which is perhaps not read yet. */
  #keepFirst({ meterId, channel: number, slotEnd, first }: SlotConflict): void {
    const slots = this.#lanes.get(`${meterId}/${number}`);
    const channel = this.#members.find((known) => known?.meterId === meterId)?.channels[number];
    if (first !== null && slots !== undefined && channel !== undefined) slots.set(slotEnd, first * channel.scale * channel.multiplier);
  }

  #addFrame(frame: OpenedFrame): void {
    const member = this.#members[frame.member];
    const channel = member?.channels[frame.channel];
    if (member === undefined || channel === undefined || frame.count === 0) return;
    const key = `${member.meterId}/${frame.channel}`;
    let slots = this.#lanes.get(key);
    if (slots === undefined) {
      slots = new Map();
      this.#lanes.set(key, slots);
      this.#minutes.set(key, frame.minutes);
    }
    const seconds = frame.minutes * 60;
    for (let i = 0, end = frame.end - (frame.count - 1) * seconds; i < frame.count; i++, end += seconds) {
      const value = frame.deltas[i]!;
      if (value !== NO_VALUE && !slots.has(end)) slots.set(end, value * channel.scale * channel.multiplier);
    }
  }

  /** @returns number of slots with a value, and their energy */
  totals(): { readings: number; energyWh: number } {
    let readings = 0;
    let energyWh = 0;
    for (const slots of this.#lanes.values()) {
      readings += slots.size;
      for (const value of slots.values()) energyWh += value;
    }
    return { readings, energyWh };
  }

  /** By meter, channel and time, rising. */
  *sorted(): Generator<Reading> {
    for (const key of [...this.#lanes.keys()].sort()) {
      const [meterId, channel] = key.split('/') as [string, string];
      const slots = this.#lanes.get(key)!;
      for (const end of [...slots.keys()].sort((a, b) => a - b)) {
        yield { meterId, channel: Number(channel), end, minutes: this.#minutes.get(key)!, energyWh: slots.get(end)! };
      }
    }
  }
}
