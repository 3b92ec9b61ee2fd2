import type { ChannelProfileOptions, ChannelProfileState, Slot, Span } from './slots.ts';

const NULL_VALUE = 1;
const FLAG_BITS = 0b0011_1110;
const ACKED = 64;
const LARGEST_VALUE = 0xfffe;
const FIRST_CAPACITY = 64;

/**
 * The load profile of one channel: a ring of 3 bytes a slot that grows with what it holds. A slot leaves it when it
 * is older than `days` and acknowledged. The register at a slot is walked back from the newest one, so no
 * register is stored per slot.
 * @source X.1332 8.1, 9.1
 */
export class ChannelProfile {
  readonly #options: ChannelProfileOptions;
  /** The value; where none was measured, what the register advanced. */
  #counts = new Uint16Array(0);
  #state = new Uint8Array(0);
  #start = 0;
  #count = 0;
  #lastEnd = 0;
  #register = 0;
  #unacknowledged = 0;
  /** By slot end: advances of the register that differ from what `#counts` holds. */
  #wide: Map<number, number> | undefined;
  #heldSince: Map<number, number> | undefined;
  #ackedTo = 0;
  /** Interval end of the newest slot that left in a frame, UTC seconds. */
  sentTo = 0;
  /** Slots that were overwritten unacknowledged, because twice the memory was full. */
  lost = 0;

  constructor(options: ChannelProfileOptions, saved?: ChannelProfileState) {
    this.#options = options;
    if (saved !== undefined) this.#restore(saved);
  }

  get count(): number {
    return this.#count;
  }
  /** Interval end of the newest slot, UTC seconds. */
  get lastEnd(): number {
    return this.#lastEnd;
  }
  get firstEnd(): number {
    return this.#lastEnd - (this.#count - 1) * this.#options.intervalSeconds;
  }
  /** Slots up to this end are acknowledged without a hole, UTC seconds. */
  get ackedTo(): number {
    return this.#ackedTo;
  }
  get unacknowledged(): number {
    return this.#unacknowledged;
  }
  get held(): number {
    return this.#heldSince?.size ?? 0;
  }

  /**
   * Records one interval; intervals that were skipped since the last become empty slots with `gapFlags`.
   * @returns false when the slot is already there or not on the grid
   */
  append(end: number, value: number | null, advance: number, flags: number, gapFlags: number): boolean {
    const step = this.#options.intervalSeconds;
    if (end % step !== 0 || (this.#count > 0 && end <= this.#lastEnd)) return false;
    if (end - this.#lastEnd > 2 * this.#options.days * 86_400) this.#clear();
    else for (let gap = this.#lastEnd + step; gap < end; gap += step) this.#push(gap, null, 0, gapFlags);
    this.#push(end, value, advance, flags);
    return true;
  }

  slot(end: number): Slot | undefined {
    const index = this.#index(end);
    if (index < 0) return undefined;
    const state = this.#state[index]!;
    const value = (state & NULL_VALUE) !== 0 ? null : this.#counts[index]!;
    return { end, value, advance: this.#advanceAt(end), flags: state & FLAG_BITS };
  }

  /** Register at the end of a slot, counts; walks back from the newest. */
  registerAt(end: number): number {
    let back = 0;
    for (let at = this.#lastEnd; at > end && this.#index(at) >= 0; at -= this.#options.intervalSeconds) back += this.#advanceAt(at);
    return this.wrap(this.#register - back);
  }

  /** Register before the interval that ends at `end`, counts. */
  registerBefore(end: number): number {
    return this.wrap(this.registerAt(end) - this.#advanceAt(end));
  }

  /** Everything up to `end` was accepted. */
  acknowledgeTo(end: number): void {
    const step = this.#options.intervalSeconds;
    const last = Math.min(Math.floor(end / step) * step, this.sentTo);
    for (let at = Math.max(this.firstEnd, this.#ackedTo + step); at <= last; at += step) this.acknowledge(at);
    this.#ackedTo = Math.max(this.#ackedTo, last);
  }

  /** The slot was accepted. */
  acknowledge(end: number): void {
    const index = this.#index(end);
    if (index < 0 || end > this.sentTo || (this.#state[index]! & ACKED) !== 0) return;
    this.#state[index]! |= ACKED;
    this.#unacknowledged -= 1;
    this.#heldSince?.delete(end);
  }

  /** The other side keeps the slot in quarantine. @param at UTC seconds */
  hold(end: number, at: number): void {
    const index = this.#index(end);
    if (index < 0 || (this.#state[index]! & ACKED) !== 0) return;
    this.#heldSince ??= new Map();
    if (!this.#heldSince.has(end)) this.#heldSince.set(end, at);
  }

  /** A held slot was sent once more: it waits again from `at`, UTC seconds. */
  holdAgain(end: number, at: number): void {
    if (this.#heldSince?.has(end)) this.#heldSince.set(end, at);
  }

  /** Slots up to `upTo` (UTC seconds) that never left. */
  unsent(upTo: number): Span | undefined {
    const from = Math.max(this.firstEnd, this.sentTo + this.#options.intervalSeconds);
    const to = Math.min(upTo, this.#lastEnd);
    return this.#count === 0 || from > to ? undefined : { from, to };
  }

  /** Sent slots between `from` and `to` that nobody acknowledged, but for those held since after `heldBefore` (UTC seconds). */
  unanswered(from: number, to: number, heldBefore: number): Span[] {
    return this.#sent(Math.max(from, this.#ackedTo + 1), to, (end) => !this.#acked(end) && !this.#heldAfter(end, heldBefore));
  }

  /** Sent slots of a span, acknowledged or not, but for those held since after `heldBefore`. */
  resendable(span: Span, heldBefore: number): Span[] {
    return this.#sent(span.from, span.to, (end) => !this.#heldAfter(end, heldBefore));
  }

  #sent(from: number, to: number, wanted: (end: number) => boolean): Span[] {
    const step = this.#options.intervalSeconds;
    const spans: { from: number; to: number }[] = [];
    const last = Math.min(to, this.sentTo, this.#lastEnd);
    for (let at = Math.max(this.firstEnd, Math.ceil(from / step) * step); at <= last; at += step) {
      if (!wanted(at)) continue;
      const open = spans.at(-1);
      if (open !== undefined && open.to === at - step) open.to = at;
      else spans.push({ from: at, to: at });
    }
    return spans;
  }

  #acked(end: number): boolean {
    return (this.#state[this.#index(end)]! & ACKED) !== 0;
  }

  #heldAfter(end: number, heldBefore: number): boolean {
    return (this.#heldSince?.get(end) ?? 0) > heldBefore;
  }

  *slots(): IterableIterator<Slot> {
    for (let end = this.firstEnd; this.#count > 0 && end <= this.#lastEnd; end += this.#options.intervalSeconds) {
      const slot = this.slot(end);
      if (slot !== undefined) yield slot;
    }
  }

  save(): ChannelProfileState {
    const counts = new Uint16Array(this.#count);
    const state = new Uint8Array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const index = (this.#start + i) % this.#state.length;
      counts[i] = this.#counts[index]!;
      state[i] = this.#state[index]!;
    }
    return {
      counts,
      state,
      lastEnd: this.#lastEnd,
      register: this.#register,
      ackedTo: this.#ackedTo,
      sentTo: this.sentTo,
      lost: this.lost,
      wide: this.#wide ?? new Map(),
      heldSince: this.#heldSince ?? new Map(),
    };
  }

  #restore(saved: ChannelProfileState): void {
    this.#counts = saved.counts;
    this.#state = saved.state;
    this.#count = saved.state.length;
    this.#lastEnd = saved.lastEnd;
    this.#register = saved.register;
    this.#ackedTo = saved.ackedTo;
    this.sentTo = saved.sentTo;
    this.lost = saved.lost;
    if (saved.wide.size > 0) this.#wide = new Map(saved.wide);
    if (saved.heldSince.size > 0) this.#heldSince = new Map(saved.heldSince);
    this.#unacknowledged = saved.state.reduce((open, state) => open + ((state & ACKED) === 0 ? 1 : 0), 0);
  }

  #push(end: number, value: number | null, advance: number, flags: number): void {
    this.#lastEnd = end;
    this.#makeRoom();
    const index = (this.#start + this.#count) % this.#state.length;
    const measured = value !== null && Number.isInteger(value) && value >= 0 && value <= LARGEST_VALUE;
    const counts = Math.trunc(advance);
    const kept = measured ? value : Math.min(Math.max(counts, 0), LARGEST_VALUE);
    if (kept !== counts) {
      this.#wide ??= new Map();
      this.#wide.set(end, counts);
    }
    this.#counts[index] = kept;
    this.#state[index] = (flags & FLAG_BITS) | (measured ? 0 : NULL_VALUE);
    this.#register = this.wrap(this.#register + counts);
    this.#count += 1;
    this.#unacknowledged += 1;
  }

  #makeRoom(): void {
    const perDay = 86_400 / this.#options.intervalSeconds;
    const kept = this.#options.days * perDay;
    while (this.#count >= kept && (this.#state[this.#start]! & ACKED) !== 0) this.#dropOldest();
    if (this.#count >= 2 * kept) {
      this.lost += 1;
      this.#unacknowledged -= 1;
      this.#dropOldest();
    }
    if (this.#count === this.#state.length) this.#grow(Math.min(2 * kept, Math.max(FIRST_CAPACITY, 2 * this.#count)));
  }

  #clear(): void {
    this.lost += this.#unacknowledged;
    this.#unacknowledged = 0;
    this.#count = 0;
    this.#wide = undefined;
    this.#heldSince = undefined;
  }

  #dropOldest(): void {
    // the newest slot is not in the ring yet, but lastEnd already names it
    const oldest = this.#lastEnd - this.#count * this.#options.intervalSeconds;
    this.#wide?.delete(oldest);
    this.#heldSince?.delete(oldest);
    this.#start = (this.#start + 1) % this.#state.length;
    this.#count -= 1;
  }

  #grow(capacity: number): void {
    const { counts, state } = this.save();
    this.#counts = new Uint16Array(capacity);
    this.#state = new Uint8Array(capacity);
    this.#counts.set(counts);
    this.#state.set(state);
    this.#start = 0;
  }

  #index(end: number): number {
    const back = (this.#lastEnd - end) / this.#options.intervalSeconds;
    if (this.#count === 0 || back < 0 || back >= this.#count || !Number.isInteger(back)) return -1;
    return (this.#start + this.#count - 1 - back) % this.#state.length;
  }

  #advanceAt(end: number): number {
    const index = this.#index(end);
    if (index < 0) return 0;
    return this.#wide?.get(end) ?? this.#counts[index]!;
  }

  /** A register reading after any number of turns. */
  wrap(register: number): number {
    const turn = 10 ** this.#options.dials;
    return ((register % turn) + turn) % turn;
  }
}
