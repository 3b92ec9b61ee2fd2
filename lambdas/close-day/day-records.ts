import { writeRecord } from '../../domain/meterday/records.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { NO_COUNTS, NO_VALUE } from '../../events/index.ts';
import { RECORD_BYTES } from '../../protocol/profile.ts';

/** Bytes of a chain head in front of the records of its hour. */
const HEAD_ROOM = 32;
const MOST_SLOTS = 300;

/**
 * The records of one channel of a whole local day, from however many parts it has, laid out for hashing: one object, refilled
 * for every channel.
 */
export class DayRecords {
  start = 0;
  end = 0;
  step = 0;
  slots = 0;
  /** First slot whose record is not known; `slots` when all are. */
  firstUnknown = 0;
  /** Records with a value. */
  values = 0;
  /** -1 = not known. */
  registerBefore = -1;
  registerEnd = -1;
  /** 13 bytes per slot; those that are not known are left out of an hour. */
  readonly #records = Buffer.alloc(MOST_SLOTS * RECORD_BYTES);
  readonly #known = new Uint8Array(MOST_SLOTS);
  readonly #hour = Buffer.alloc(HEAD_ROOM + 60 * RECORD_BYTES);

  /** @param parts of one day, in order */
  fill(parts: readonly OpenDay[], channel: number, start: number, end: number): void {
    this.start = start;
    this.end = end;
    this.step = parts[0]!.frame.minutes * 60;
    this.slots = Math.floor((end - start) / this.step);
    this.values = 0;
    this.registerBefore = -1;
    this.registerEnd = -1;
    this.#known.fill(0, 0, this.slots);
    for (const part of parts) this.#fillPart(part, channel);
    this.firstUnknown = this.#known.indexOf(0);
    if (this.firstUnknown < 0 || this.firstUnknown > this.slots) this.firstUnknown = this.slots;
  }

  #fillPart(part: OpenDay, channel: number): void {
    const state = part.channels[channel];
    if (state === undefined) return;
    const first = (part.frame.start - this.start) / this.step;
    if (first === 0) this.registerBefore = state.registerBefore;
    for (let i = 0; i < part.slots; i++) {
      const register = state.registers[i]!;
      if (state.present[i] === 0 || register < 0) continue;
      const counts = state.counts[i]!;
      const value = counts === NO_COUNTS ? NO_VALUE : counts;
      if (value !== NO_VALUE) this.values++;
      writeRecord(this.#records, first + i, this.start + (first + i + 1) * this.step, register, value, state.flags[i]!);
      this.#known[first + i] = 1;
    }
    if (first + part.slots === this.slots && state.present[part.slots - 1] === 1) this.registerEnd = state.registers[part.slots - 1]!;
  }

  /** What is hashed for the hour: the head before it, and its records in order. Valid until the next call. */
  hour(head: Buffer, hour: number): Buffer {
    const bytes = this.#hour;
    for (let i = 0; i < HEAD_ROOM; i++) bytes[i] = head[i]!;
    let at = HEAD_ROOM;
    const perHour = 3600 / this.step;
    for (let slot = hour * perHour; slot < Math.min((hour + 1) * perHour, this.slots); slot++) {
      if (this.#known[slot] === 0) continue;
      const from = slot * RECORD_BYTES;
      for (let i = 0; i < RECORD_BYTES; i++) bytes[at++] = this.#records[from + i]!;
    }
    return bytes.subarray(0, at);
  }
}
