import { recordFlags, recordRegister, recordValue, writeRecord } from '../../domain/meterday/records.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { NO_COUNTS, NO_VALUE } from '../../events/index.ts';
import { RECORD_BYTES } from '../../protocol/profile.ts';

/** Bytes of a chain head in front of the records of its hour. */
const HEAD_ROOM = 32;
const MOST_SLOTS = 300;

/** Slots [from, until] of which the register is known at the last one's end and before the first, not in between. */
export interface HiddenRun {
  readonly from: number;
  readonly until: number;
  /** Register before the first, counts. */
  readonly before: number;
  /** Lost values in it, and what the register moved by in all of them together. */
  readonly lost: number;
  readonly moved: number;
}

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
  /** 13 bytes per slot; those that never came are left out of an hour. */
  readonly #records = Buffer.alloc(MOST_SLOTS * RECORD_BYTES);
  readonly #known = new Uint8Array(MOST_SLOTS);
  /** The record is there but for its register. */
  readonly #hidden = new Uint8Array(MOST_SLOTS);
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
    this.#hidden.fill(0, 0, this.slots);
    for (const part of parts) this.#fillPart(part, channel);
    this.#findUnknown();
  }

  #findUnknown(): void {
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
      if (state.present[i] === 0) continue;
      const counts = state.counts[i]!;
      const value = counts === NO_COUNTS ? NO_VALUE : counts;
      writeRecord(this.#records, first + i, this.start + (first + i + 1) * this.step, Math.max(register, 0), value, state.flags[i]!);
      if (register < 0) {
        this.#hidden[first + i] = 1;
        continue;
      }
      if (value !== NO_VALUE) this.values++;
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
      if (this.#known[slot] === 0 && this.#hidden[slot] === 0) continue;
      const from = slot * RECORD_BYTES;
      for (let i = 0; i < RECORD_BYTES; i++) bytes[at++] = this.#records[from + i]!;
    }
    return bytes.subarray(0, at);
  }

  /** Whether a register inside the hour is hidden. */
  hides(hour: number): boolean {
    const { from, until } = this.#slotsOf(hour, hour + 1);
    return this.#hidden.subarray(from, until).includes(1);
  }

  /** @param registerStart that of the day's start @returns runs of hidden registers in hours [from, until); undefined when something else is unknown there, or a run has no bounds */
  hiddenRuns(fromHour: number, untilHour: number, modulus: number, registerStart: number): HiddenRun[] | undefined {
    const { from: first, until: end } = this.#slotsOf(fromHour, untilHour);
    const runs: HiddenRun[] = [];
    for (let slot = first; slot < end; slot++) {
      if (this.#known[slot] === 1) continue;
      let last = slot;
      while (last < end && this.#hidden[last] === 1) last++;
      const before = slot === 0 ? registerStart : recordRegister(this.#records, slot - 1);
      if (last === slot || last === end || this.#known[last] === 0 || before < 0) return undefined;
      const run = this.#runOf(slot, last, before, modulus);
      if (run === undefined) return undefined;
      runs.push(run);
      slot = last;
    }
    return runs;
  }

  #slotsOf(fromHour: number, untilHour: number): { from: number; until: number } {
    const perHour = 3600 / this.step;
    return { from: fromHour * perHour, until: Math.min(untilHour * perHour, this.slots) };
  }

  #runOf(from: number, until: number, before: number, modulus: number): HiddenRun | undefined {
    let moved = recordRegister(this.#records, until) - before;
    let lost = 0;
    for (let slot = from; slot <= until; slot++) {
      const value = recordValue(this.#records, slot);
      if (value === undefined) lost++;
      else moved -= value;
    }
    if (moved < 0) moved += modulus;
    return moved < 0 || lost === 0 ? undefined : { from, until, before, lost, moved };
  }

  /** Writes the registers as they were if the lost values had come to `shares`. */
  supposeRegisters({ from, until, before }: HiddenRun, shares: readonly number[], modulus: number): void {
    let register = before;
    let share = 0;
    for (let slot = from; slot < until; slot++) {
      const value = recordValue(this.#records, slot);
      register = (register + (value ?? shares[share++]!)) % modulus;
      writeRecord(this.#records, slot, this.#endOf(slot), register, value ?? NO_VALUE, recordFlags(this.#records, slot));
    }
  }

  /** What was supposed last is known from now on. */
  reveal(runs: readonly HiddenRun[]): void {
    for (const { from, until } of runs) {
      for (let slot = from; slot < until; slot++) {
        this.#hidden[slot] = 0;
        this.#known[slot] = 1;
        if (recordValue(this.#records, slot) !== undefined) this.values++;
      }
    }
    this.#findUnknown();
  }

  #endOf(slot: number): number {
    return this.start + (slot + 1) * this.step;
  }
}
