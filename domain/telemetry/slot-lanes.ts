import { type MemberTelemetry, NO_VALUE } from '../../events/index.ts';

/** Slots behind the newest that a lane follows one by one; also the width of the bitmap in an acknowledgement. */
export const SPAN = 192;
const WORDS = SPAN / 32;
/** Newest slots whose values stay in memory: a day of quarter-hours. */
export const VALUES = 96;
const MOST_HOLES = 256;

/** A slot as the lane sees it. */
export const SLOT = { fresh: 0, same: 1, other: 2, old: 3 } as const;
export type SlotStanding = (typeof SLOT)[keyof typeof SLOT];

/** Inclusive range of slot numbers that are still missing. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

/**
 * Exactly-once bookkeeping of slots. A slot number is interval end / interval length. One lane per (member,
 * channel), pooled in typed arrays: `done` = all slots up to it arrived or are listed as holes, a bitmap of the
 * next 192, the values of the newest 96. Holes below `done` are rare and live in a map.
 */
export class SlotLanes {
  count = 0;
  #capacity = 16;
  #done = new Uint32Array(16);
  #newest = new Uint32Array(16);
  #bits = new Uint32Array(16 * WORDS);
  #values = new Uint16Array(16 * VALUES);
  #register = new Float64Array(16);
  readonly #holes = new Map<number, Hole[]>();
  /** Slots kept aside (quarantined), per lane. */
  readonly #held = new Map<number, Set<number>>();
  readonly #remembers: boolean;

  /** @param remembers values of the newest slots; without them `standing` and `valueOf` mean nothing, and a lane takes a sixth */
  constructor(remembers = true) {
    this.#remembers = remembers;
    if (!remembers) this.#values = new Uint16Array(0);
  }

  /** @param origin the last slot before the lane's life: it and what lies before are nobody's concern */
  open(origin: number): number {
    const lane = this.count++;
    if (lane >= this.#capacity) this.#grow();
    this.#done[lane] = origin;
    this.#newest[lane] = origin;
    this.#register[lane] = -1;
    return lane;
  }

  newest(lane: number): number {
    return this.#newest[lane]!;
  }

  /** Register at the end of the newest slot, in counts; -1 when nothing arrived yet. */
  register(lane: number): number {
    return this.#register[lane]!;
  }

  setRegister(lane: number, register: number): void {
    this.#register[lane] = register;
  }

  arrived(lane: number, slot: number): boolean {
    const done = this.#done[lane]!;
    if (slot > done) {
      const bit = slot - done - 1;
      return bit < SPAN && ((this.#bits[lane * WORDS + (bit >>> 5)]! >>> (bit & 31)) & 1) === 1;
    }
    const holes = this.#holes.get(lane);
    return holes === undefined || !holes.some((hole) => slot >= hole.from && slot <= hole.to);
  }

  standing(lane: number, slot: number, value: number): SlotStanding {
    if (!this.arrived(lane, slot)) return SLOT.fresh;
    if (slot + VALUES <= this.#newest[lane]!) return SLOT.old;
    return this.#values[lane * VALUES + (slot % VALUES)] === value ? SLOT.same : SLOT.other;
  }

  /** The value that arrived first, undefined when the slot is too far behind to be remembered. */
  valueOf(lane: number, slot: number): number | undefined {
    return slot + VALUES <= this.#newest[lane]! ? undefined : this.#values[lane * VALUES + (slot % VALUES)];
  }

  /** Marks a fresh slot as arrived. @returns true when it became the lane's newest */
  accept(lane: number, slot: number, value: number): boolean {
    this.#held.get(lane)?.delete(slot);
    const newest = slot > this.#newest[lane]!;
    if (newest) this.#newest[lane] = slot;
    if (this.#remembers && slot + VALUES > this.#newest[lane]!) this.#values[lane * VALUES + (slot % VALUES)] = value;
    const done = this.#done[lane]!;
    if (slot <= done) {
      this.#fillHole(lane, slot);
      return newest;
    }
    if (slot === done + 1 && this.#bits[lane * WORDS] === 0) {
      this.#done[lane] = slot;
      this.#shiftIfAny(lane);
      return newest;
    }
    if (slot - done > SPAN) this.#slide(lane, slot - SPAN);
    const bit = slot - this.#done[lane]! - 1;
    this.#bits[lane * WORDS + (bit >>> 5)]! |= 1 << (bit & 31);
    this.#settle(lane);
    return newest;
  }

  /**
   * The regular case in one go: slots that follow the newest without a gap before them.
   * @returns false when it isn't the regular case, and nothing was done
   */
  extend(lane: number, first: number, count: number, values: Uint16Array): boolean {
    const newest = this.#newest[lane]!;
    if (first !== newest + 1 || this.#done[lane] !== newest || this.#held.has(lane)) return false;
    if (this.#remembers) this.#keepValues(lane, first, count, values);
    this.#done[lane] = newest + count;
    this.#newest[lane] = newest + count;
    return true;
  }

  #keepValues(lane: number, first: number, count: number, values: Uint16Array): void {
    const base = lane * VALUES;
    let place = first % VALUES;
    for (let i = 0; i < count; i++) {
      this.#values[base + place] = values[i]!;
      if (++place === VALUES) place = 0;
    }
  }

  hold(lane: number, slot: number): void {
    const held = this.#held.get(lane) ?? new Set();
    if (held.size < SPAN) held.add(slot);
    this.#held.set(lane, held);
  }

  /** Missing slots that something newer follows, oldest first. */
  holes(lane: number, upTo: number): Hole[] {
    const found: Hole[] = [...(this.#holes.get(lane) ?? [])];
    const done = this.#done[lane]!;
    const last = Math.min(upTo, this.#newest[lane]!, done + SPAN);
    for (let slot = done + 1; slot <= last; slot++) {
      if (this.arrived(lane, slot)) continue;
      const previous = found.at(-1);
      if (previous !== undefined && previous.to === slot - 1) found[found.length - 1] = { from: previous.from, to: slot };
      else found.push({ from: slot, to: slot });
    }
    return found;
  }

  hasHoles(lane: number): boolean {
    return this.#done[lane] !== this.#newest[lane] || this.#holes.has(lane);
  }

  /**
   * What an acknowledgement says: everything up to `end` arrived (slots before `origin` aside), then 192 slots one
   * by one: bit set in `bitmap` = arrived, in `held` = kept aside.
   */
  acknowledgement(lane: number, oldest: number): { end: number; bitmap: Buffer; held: Buffer } {
    const first = this.#holes.get(lane)?.find((hole) => hole.to > oldest);
    const end = first === undefined ? this.#done[lane]! : Math.max(first.from - 1, oldest);
    const bitmap = Buffer.alloc(SPAN / 8);
    const held = Buffer.alloc(SPAN / 8);
    if (end === this.#newest[lane]! && !this.#held.has(lane)) return { end, bitmap, held };
    const heldSlots = this.#held.get(lane);
    for (let bit = 0; bit < SPAN; bit++) {
      const slot = end + 1 + bit;
      if (slot <= this.#newest[lane]! && this.arrived(lane, slot)) bitmap[bit >>> 3]! |= 1 << (bit & 7);
      else if (heldSlots?.has(slot)) held[bit >>> 3]! |= 1 << (bit & 7);
    }
    return { end, bitmap, held };
  }

  /** Moves `done` on over arrived slots and shifts the bitmap. */
  #settle(lane: number): void {
    const base = lane * WORDS;
    let run = 0;
    while (run < SPAN && (this.#bits[base + (run >>> 5)]! >>> (run & 31)) & 1) run++;
    if (run > 0) this.#shift(lane, run);
  }

  /** `done` has just moved by one in front of a bitmap whose first word is empty: shift the rest if there is any. */
  #shiftIfAny(lane: number): void {
    const base = lane * WORDS;
    for (let word = 1; word < WORDS; word++) {
      if (this.#bits[base + word] !== 0) {
        this.#done[lane]!--;
        this.#shift(lane, 1);
        this.#settle(lane);
        return;
      }
    }
  }

  /** Lets go of slots up to `to`: what is missing among them becomes a hole. */
  #slide(lane: number, to: number): void {
    const holes = this.#holes.get(lane) ?? [];
    const done = this.#done[lane]!;
    let from = -1;
    for (let slot = done + 1; slot <= to; slot++) {
      const missing = slot - done > SPAN || !this.arrived(lane, slot);
      if (missing && from < 0) from = slot;
      if (!missing && from >= 0) {
        holes.push({ from, to: slot - 1 });
        from = -1;
      }
    }
    if (from >= 0) holes.push({ from, to });
    // A meter without memory would leave holes for ever; the oldest are given up first, the same way on every fold.
    if (holes.length > MOST_HOLES) holes.splice(0, holes.length - MOST_HOLES);
    if (holes.length > 0) this.#holes.set(lane, holes);
    this.#shift(lane, to - done);
  }

  #shift(lane: number, by: number): void {
    const base = lane * WORDS;
    const words = Math.floor(by / 32);
    const bits = by % 32;
    for (let word = 0; word < WORDS; word++) {
      const low = word + words < WORDS ? this.#bits[base + word + words]! : 0;
      const high = word + words + 1 < WORDS ? this.#bits[base + word + words + 1]! : 0;
      this.#bits[base + word] = bits === 0 ? low : (low >>> bits) | (high << (32 - bits));
    }
    this.#done[lane]! += by;
  }

  #fillHole(lane: number, slot: number): void {
    const holes = this.#holes.get(lane) ?? [];
    const left = holes.flatMap((hole) => {
      if (slot < hole.from || slot > hole.to) return [hole];
      const parts: Hole[] = [];
      if (hole.from < slot) parts.push({ from: hole.from, to: slot - 1 });
      if (hole.to > slot) parts.push({ from: slot + 1, to: hole.to });
      return parts;
    });
    if (left.length === 0) this.#holes.delete(lane);
    else this.#holes.set(lane, left);
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#done = widen(this.#done, new Uint32Array(this.#capacity));
    this.#newest = widen(this.#newest, new Uint32Array(this.#capacity));
    this.#bits = widen(this.#bits, new Uint32Array(this.#capacity * WORDS));
    if (this.#remembers) this.#values = widen(this.#values, new Uint16Array(this.#capacity * VALUES));
    this.#register = widen(this.#register, new Float64Array(this.#capacity));
  }

  /** One lane as plain columns, for snapshots and moves. */
  dump(lane: number): DumpedLane {
    return {
      done: this.#done[lane]!,
      newest: this.#newest[lane]!,
      register: this.#register[lane]!,
      bits: Buffer.from(new Uint8Array(this.#bits.buffer, lane * WORDS * 4, WORDS * 4)),
      values: Buffer.from(new Uint8Array(this.#values.buffer, lane * VALUES * 2, VALUES * 2)),
      holes: (this.#holes.get(lane) ?? []).map((hole) => [hole.from, hole.to]),
      held: [...(this.#held.get(lane) ?? [])],
    };
  }

  restore(dumped: DumpedLane): number {
    const lane = this.open(dumped.done);
    this.#newest[lane] = dumped.newest;
    this.#register[lane] = dumped.register;
    new Uint8Array(this.#bits.buffer, lane * WORDS * 4, WORDS * 4).set(dumped.bits);
    if (this.#remembers) new Uint8Array(this.#values.buffer, lane * VALUES * 2, VALUES * 2).set(dumped.values);
    if (dumped.holes.length > 0)
      this.#holes.set(
        lane,
        dumped.holes.map(([from, to]) => ({ from: from!, to: to! })),
      );
    if (dumped.held.length > 0) this.#held.set(lane, new Set(dumped.held));
    return lane;
  }
}

type DumpedLane = MemberTelemetry['lanes'][number];

/** Energy of a slot in counts; null = the meter measured none. */
export function slotValue(raw: number | undefined): number | null {
  return raw === undefined || raw === NO_VALUE ? null : raw;
}

function widen<A extends Uint16Array | Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
