import { u32At, writeU32 } from '../../domain/meterday/columns.ts';
import { HEAD_SIZE, RECORD_SIZE, UNKNOWN_REGISTER, writeRecord } from '../../domain/meterday/records.ts';
import type { OpenedFrame } from '../../domain/telemetry/opened-frame.ts';
import { ANNOTATION, NO_VALUE } from '../../events/index.ts';

/** Heads for which there is room at first: a frame an hour. */
const HEADS = 24;
/** Flags of a record: those of its frame that are about the slot, not about the journey. */
const RECORD_FLAGS = 0b0011_1110;
/** What ingest says of a frame because of one of its slots; here it is found again, slot by slot. */
const ABOUT_REPEATS = ANNOTATION.slotRepeated | ANNOTATION.slotConflict | ANNOTATION.slotRepeatUnchecked;

/** A value that came for a slot that had another one. */
interface Rival {
  readonly slot: number;
  readonly value: number;
  readonly register: number;
  readonly flags: number;
  readonly annotations: number;
}

/**
 * What came for one channel of one local day, before anybody judged it. Registers are walked back from that of the frame; before
 * a slot without a value only the frame before can tell, which `finish` does.
 */
export class Lane {
  readonly #slots: number;
  readonly #present: Uint8Array;
  readonly #values: Uint16Array;
  readonly #registers: Float64Array;
  readonly #flags: Uint8Array;
  readonly #annotations: Uint32Array;
  readonly #rivals: Rival[] = [];
  #heads: Uint8Array;
  #headsEnd = 0;
  /** Ends of frames whose intervals no slot takes, UTC s. */
  readonly offGrid: number[] = [];
  /** Register at the day's start, counts; -1 = not heard of. */
  registerBefore = -1;
  #count = 0;

  constructor(slots: number) {
    this.#slots = slots;
    const memory = new ArrayBuffer(slots * 16 + HEADS * HEAD_SIZE);
    this.#registers = new Float64Array(memory, 0, slots);
    this.#annotations = new Uint32Array(memory, slots * 8, slots);
    this.#values = new Uint16Array(memory, slots * 12, slots);
    this.#present = new Uint8Array(memory, slots * 14, slots);
    this.#flags = new Uint8Array(memory, slots * 15, slots);
    this.#heads = new Uint8Array(memory, slots * 16);
  }

  /**
   * Takes those slots of a frame that lie in the day.
   * @param first slot number of the frame's first slot, may be negative @param annotations `released` in them: gives way to what is accepted
   */
  add(frame: OpenedFrame, first: number, modulus: number, annotations: number): void {
    const flags = frame.flags & RECORD_FLAGS;
    const bits = annotations & ~ABOUT_REPEATS;
    let register = frame.register;
    for (let i = frame.count - 1; i >= 0; i--) {
      const slot = first + i;
      const value = frame.deltas[i]!;
      if (slot >= 0 && slot < this.#slots) this.#put(slot, value, register, flags, bits);
      else if (slot === -1 && register >= 0 && this.registerBefore < 0) this.registerBefore = register;
      if (value === NO_VALUE) register = -1;
      else if (register >= 0) register = register >= value ? register - value : register - value + modulus;
    }
    if (first === 0 && register >= 0 && this.registerBefore < 0) this.registerBefore = register;
  }

  /** Chain head of the last hour that was complete at the frame's end. */
  addHead(end: number, bytes: Uint8Array, at: number): void {
    const to = this.#headsEnd;
    if (to === this.#heads.length) {
      const larger = new Uint8Array(2 * to);
      larger.set(this.#heads);
      this.#heads = larger;
    }
    writeU32(this.#heads, to / 4, end);
    for (let i = 0; i < 8; i++) this.#heads[to + 4 + i] = bytes[at + i]!;
    this.#headsEnd = to + HEAD_SIZE;
  }

  /** By the rule of the slot (`standsBefore`) inside one home; of released frames only values that stand are kept. */
  #put(slot: number, value: number, register: number, flags: number, annotations: number): void {
    if (value === NO_VALUE && (annotations & ANNOTATION.released) !== 0) return;
    if (this.#present[slot] === 1) {
      const standing = this.#values[slot]!;
      const givesWay = (this.#annotations[slot]! & ANNOTATION.released) !== 0 && (annotations & ANNOTATION.released) === 0;
      if (standing === NO_VALUE) {
        if (value === NO_VALUE) return;
        this.#keep(slot, annotations);
      } else if (!givesWay || value === NO_VALUE) {
        if (standing === value || (annotations & ANNOTATION.released) !== 0) return;
        this.#rivals.push({ slot, value, register, flags, annotations: annotations | ANNOTATION.slotConflict });
        return;
      }
    } else this.#count++;
    this.#present[slot] = 1;
    this.#values[slot] = value;
    this.#registers[slot] = register;
    this.#flags[slot] = flags;
    this.#annotations[slot] = annotations;
  }

  /** What stands so far becomes another version of the slot. */
  #keep(slot: number, annotations: number): void {
    const { [slot]: value } = this.#values;
    this.#rivals.push({ slot, value: value!, register: this.#registers[slot]!, flags: this.#flags[slot]!, annotations });
  }

  /** Slots for which anything came. */
  get count(): number {
    return this.#count;
  }

  /** The records, byte-exact, rising; other versions of a slot behind the first. @param from first slot @param to behind the last */
  records(from: number, to: number, modulus: number): { records: Uint8Array; annotations: Uint8Array } {
    this.#fillRegisters(modulus);
    const rivals = this.#rivals.length === 0 ? this.#rivals : this.#rivals.filter(({ slot }) => slot >= from && slot < to);
    let count = rivals.length;
    for (let slot = from; slot < to; slot++) count += this.#present[slot]!;
    const memory = new Uint8Array(count * (RECORD_SIZE + 4));
    const records = memory.subarray(0, count * RECORD_SIZE);
    const annotations = memory.subarray(count * RECORD_SIZE);
    let n = 0;
    for (let slot = from; slot < to; slot++) {
      if (this.#present[slot] === 0) continue;
      this.#write(records, n, slot, this.#registers[slot]!, this.#values[slot]!, this.#flags[slot]!);
      writeU32(annotations, n++, this.#annotations[slot]!);
      if (rivals.length === 0) continue;
      for (const rival of rivals) {
        if (rival.slot !== slot) continue;
        this.#write(records, n, slot, rival.register, rival.value, rival.flags);
        writeU32(annotations, n++, rival.annotations);
      }
    }
    return { records, annotations };
  }

  /** Set by whoever owns the day. */
  start = 0;
  step = 0;

  #write(records: Uint8Array, n: number, slot: number, register: number, value: number, flags: number): void {
    const end = this.start + (slot + 1) * this.step;
    writeRecord(records, n, end, register < 0 ? UNKNOWN_REGISTER : register, value, flags);
  }

  /** Heads of frames that end in (from, until], UTC s. */
  heads(from: number, until: number): Uint8Array {
    if (from <= this.start && until >= this.start + this.#slots * this.step) return this.#heads.subarray(0, this.#headsEnd);
    const whole = this.#heads.slice(0, this.#headsEnd);
    let kept = 0;
    for (let at = 0; at < whole.length; at += HEAD_SIZE) {
      const end = u32At(whole, at / 4);
      if (end <= from || end > until) continue;
      whole.copyWithin(kept, at, at + HEAD_SIZE);
      kept += HEAD_SIZE;
    }
    return whole.slice(0, kept);
  }

  /** Register at the end of a slot; that before the day for -1. */
  registerAt(slot: number, modulus: number): number {
    this.#fillRegisters(modulus);
    return slot < 0 ? this.registerBefore : this.#present[slot] === 1 ? this.#registers[slot]! : -1;
  }

  /**
   * Walks forward where a lost value hid the register. A run of slots without values is filled only when the register did not
   * move in it: in which of them it moved, only the meter knows.
   */
  #fillRegisters(modulus: number): void {
    let before = this.registerBefore;
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#present[slot] === 0) {
        before = -1;
        continue;
      }
      if (this.#registers[slot]! < 0 && before >= 0) {
        const value = this.#values[slot]!;
        if (value !== NO_VALUE) this.#registers[slot] = (before + value) % modulus;
        else if (this.#unmovedUntilKnown(slot, before, modulus)) this.#registers[slot] = before;
      }
      before = this.#registers[slot]!;
    }
  }

  /** Whether the values up to the next known register explain it without a move in the slots that have none. */
  #unmovedUntilKnown(slot: number, before: number, modulus: number): boolean {
    let register = before;
    for (let at = slot; at < this.#slots && this.#present[at] === 1; at++) {
      const value = this.#values[at]!;
      if (value !== NO_VALUE) register = (register + value) % modulus;
      if (this.#registers[at]! >= 0) return this.#registers[at] === register;
    }
    return false;
  }
}

/** What came for one meter and one local day. */
export class DayBucket {
  readonly start: number;
  readonly end: number;
  readonly day: string;
  readonly lanes: readonly Lane[];
  readonly seals: Uint8Array[] = [];
  readonly outages: { from: number; until: number }[] = [];

  /** @param minutes of an interval */
  constructor(
    { day, start, end }: { readonly day: string; readonly start: number; readonly end: number },
    minutes: number,
    channels: number,
  ) {
    this.day = day;
    this.start = start;
    this.end = end;
    const slots = Math.floor((end - start) / (minutes * 60));
    this.lanes = Array.from({ length: channels }, () => {
      const lane = new Lane(slots);
      lane.start = start;
      lane.step = minutes * 60;
      return lane;
    });
  }

  /** Nothing came at all. */
  get silent(): boolean {
    return this.seals.length === 0 && this.lanes.every(({ count }) => count === 0);
  }

  addSeal(seal: Uint8Array): void {
    this.seals.push(new Uint8Array(seal));
  }

  /** The supply went away at `at`, UTC s; it stays away until `outageEnd` says otherwise. */
  outageStart(at: number): void {
    this.outages.push({ from: Math.max(at, this.start), until: this.end });
  }

  outageEnd(at: number): void {
    const last = this.outages.at(-1);
    if (last !== undefined && last.until === this.end && last.from <= at) last.until = at;
    else this.outages.push({ from: this.start, until: at });
  }
}
