import type { MemberTelemetry } from '../../events/index.ts';

/** A counter as the window sees it. */
export const COUNTER = { fresh: 0, seen: 1, below: 2 } as const;
export type CounterStanding = (typeof COUNTER)[keyof typeof COUNTER];

/** Counters an epoch's window remembers; 10 % of frames up to 72 h late need more than 64 (docs/protocol.md). */
export const WINDOW = 1024;
const WORDS = WINDOW / 32;
/** Latest counters whose tags stay in memory. */
export const TAGS = 64;
/** A window that begins inside a block ends inside a seventeenth. */
const BLOCKS = WINDOW / TAGS + 1;
/** Live epochs of a member: two in regular life, more after reboots. */
export const EPOCHS = 4;

/**
 * Exactly-once windows over frame counters, one per (member, epoch), pooled in typed arrays: bit set = accepted.
 * Beside the bits: the first 4 tag bytes of the latest 64 counters, and per block of 64 counters the commits
 * that hold them, so that an older repeat can be resolved by reading.
 */
export class CounterWindows {
  /** member * EPOCHS + place -> pool entry + 1. */
  #entries = new Uint32Array(16 * EPOCHS);
  #free: number[] = [];
  #used = 0;
  #capacity = 16;
  #epoch = new Uint16Array(16);
  #highest = new Uint32Array(16);
  #bits = new Uint32Array(16 * WORDS);
  #tags = new Uint32Array(16 * TAGS);
  #firstCommit = new Uint32Array(16 * BLOCKS);
  #lastCommit = new Uint32Array(16 * BLOCKS);

  /** @returns window of the member's epoch, -1 when no frame of it was accepted yet */
  find(member: number, epoch: number): number {
    const base = member * EPOCHS;
    for (let place = base; place < base + EPOCHS; place++) {
      const entry = this.#entries[place];
      if (entry !== undefined && entry !== 0 && this.#epoch[entry - 1] === epoch) return entry - 1;
    }
    return -1;
  }

  /** Whether an epoch may have a window: not when all places are taken by newer ones. */
  hasRoom(member: number, epoch: number): boolean {
    const base = member * EPOCHS;
    for (let place = base; place < base + EPOCHS; place++) {
      const entry = this.#entries[place];
      if (entry === undefined || entry === 0 || this.#epoch[entry - 1]! < epoch) return true;
    }
    return false;
  }

  /** Opens a window for an epoch's first frame. @returns -1 when all places are taken by newer epochs */
  open(member: number, epoch: number): number {
    this.#fitMember(member);
    const base = member * EPOCHS;
    let place = -1;
    for (let p = base; p < base + EPOCHS; p++) {
      if (this.#entries[p] === 0) place = p;
    }
    if (place < 0) {
      place = this.#oldestPlace(base);
      if (this.#epoch[this.#entries[place]! - 1]! > epoch) return -1;
      this.#release(place);
    }
    const window = this.#free.pop() ?? this.#used++;
    if (window >= this.#capacity) this.#growPool();
    this.#clear(window, epoch);
    this.#entries[place] = window + 1;
    return window;
  }

  /** Forgets an epoch whose secret is gone. */
  drop(member: number, epoch: number): void {
    const base = member * EPOCHS;
    for (let place = base; place < base + EPOCHS; place++) {
      const entry = this.#entries[place];
      if (entry !== undefined && entry !== 0 && this.#epoch[entry - 1] === epoch) this.#release(place);
    }
  }

  /** Epochs with a window, of one member. */
  epochs(member: number): number[] {
    const found: number[] = [];
    for (let place = member * EPOCHS; place < (member + 1) * EPOCHS; place++) {
      const entry = this.#entries[place];
      if (entry !== undefined && entry !== 0) found.push(this.#epoch[entry - 1]!);
    }
    return found;
  }

  standing(window: number, counter: number): CounterStanding {
    const highest = this.#highest[window]!;
    if (counter > highest) return COUNTER.fresh;
    if (counter + WINDOW <= highest) return COUNTER.below;
    const bit = counter % WINDOW;
    return (this.#bits[window * WORDS + (bit >>> 5)]! >>> (bit & 31)) & 1 ? COUNTER.seen : COUNTER.fresh;
  }

  /** First 4 tag bytes of a seen counter, -1 when it is not among the latest 64. */
  tagOf(window: number, counter: number): number {
    return counter + TAGS > this.#highest[window]! ? this.#tags[window * TAGS + (counter % TAGS)]! : -1;
  }

  /** First versions of the earliest and the latest commit that may hold the counter's frame. */
  commitsOf(window: number, counter: number): { first: number; last: number } {
    const block = window * BLOCKS + (Math.floor(counter / TAGS) % BLOCKS);
    return { first: this.#firstCommit[block]!, last: this.#lastCommit[block]! };
  }

  /** Marks a fresh counter as accepted in the commit that begins at `version`. */
  accept(window: number, counter: number, tag: number, version: number): void {
    const highest = this.#highest[window]!;
    if (counter > highest) this.#advance(window, highest, counter);
    const bit = counter % WINDOW;
    this.#bits[window * WORDS + (bit >>> 5)]! |= 1 << (bit & 31);
    if (counter + TAGS > this.#highest[window]!) this.#tags[window * TAGS + (counter % TAGS)] = tag;
    const block = window * BLOCKS + (Math.floor(counter / TAGS) % BLOCKS);
    if (this.#firstCommit[block]! > version) this.#firstCommit[block] = version;
    if (this.#lastCommit[block]! < version) this.#lastCommit[block] = version;
  }

  #advance(window: number, from: number, to: number): void {
    const base = window * WORDS;
    if (to - from >= WINDOW) this.#bits.fill(0, base, base + WORDS);
    else {
      for (let counter = from + 1; counter <= to; counter++) {
        const bit = counter % WINDOW;
        this.#bits[base + (bit >>> 5)]! &= ~(1 << (bit & 31));
      }
    }
    const lastBlock = Math.floor(to / TAGS);
    for (let block = Math.max(Math.floor(from / TAGS) + 1, lastBlock - BLOCKS + 1); block <= lastBlock; block++) {
      this.#firstCommit[window * BLOCKS + (block % BLOCKS)] = 0xffffffff;
      this.#lastCommit[window * BLOCKS + (block % BLOCKS)] = 0;
    }
    this.#highest[window] = to;
  }

  #clear(window: number, epoch: number): void {
    this.#epoch[window] = epoch;
    this.#highest[window] = 0;
    this.#bits.fill(0, window * WORDS, (window + 1) * WORDS);
    this.#firstCommit.fill(0xffffffff, window * BLOCKS, (window + 1) * BLOCKS);
    this.#lastCommit.fill(0, window * BLOCKS, (window + 1) * BLOCKS);
  }

  #oldestPlace(base: number): number {
    let oldest = base;
    for (let place = base + 1; place < base + EPOCHS; place++) {
      if (this.#epoch[this.#entries[place]! - 1]! < this.#epoch[this.#entries[oldest]! - 1]!) oldest = place;
    }
    return oldest;
  }

  #release(place: number): void {
    this.#free.push(this.#entries[place]! - 1);
    this.#entries[place] = 0;
  }

  #fitMember(member: number): void {
    if ((member + 1) * EPOCHS <= this.#entries.length) return;
    const wider = new Uint32Array(Math.max(this.#entries.length * 2, (member + 1) * EPOCHS));
    wider.set(this.#entries);
    this.#entries = wider;
  }

  #growPool(): void {
    this.#capacity *= 2;
    this.#epoch = widened(this.#epoch, new Uint16Array(this.#capacity));
    this.#highest = widened(this.#highest, new Uint32Array(this.#capacity));
    this.#bits = widened(this.#bits, new Uint32Array(this.#capacity * WORDS));
    this.#tags = widened(this.#tags, new Uint32Array(this.#capacity * TAGS));
    this.#firstCommit = widened(this.#firstCommit, new Uint32Array(this.#capacity * BLOCKS));
    this.#lastCommit = widened(this.#lastCommit, new Uint32Array(this.#capacity * BLOCKS));
  }

  /** A member's windows as plain columns, for snapshots and moves. */
  dump(member: number): DumpedWindow[] {
    return this.epochs(member)
      .sort((a, b) => a - b)
      .map((epoch) => {
        const w = this.find(member, epoch);
        return {
          epoch,
          highest: this.#highest[w]!,
          bits: copyBytes(this.#bits, w * WORDS, WORDS),
          tags: copyBytes(this.#tags, w * TAGS, TAGS),
          commits: Buffer.concat([copyBytes(this.#firstCommit, w * BLOCKS, BLOCKS), copyBytes(this.#lastCommit, w * BLOCKS, BLOCKS)]),
        };
      });
  }

  /** @param sameStream false after a move: commit versions of another stream are not kept, an old repeat counts as duplicate */
  restore(member: number, dumped: DumpedWindow, sameStream: boolean): void {
    const w = this.open(member, dumped.epoch);
    if (w < 0) return;
    this.#highest[w] = dumped.highest;
    pasteBytes(this.#bits, w * WORDS, dumped.bits);
    pasteBytes(this.#tags, w * TAGS, dumped.tags);
    if (!sameStream) return;
    const half = dumped.commits.length / 2;
    pasteBytes(this.#firstCommit, w * BLOCKS, dumped.commits.subarray(0, half));
    pasteBytes(this.#lastCommit, w * BLOCKS, dumped.commits.subarray(half));
  }
}

type DumpedWindow = MemberTelemetry['windows'][number];

function widened<A extends Uint16Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

function copyBytes(from: Uint32Array, at: number, count: number): Buffer {
  return Buffer.from(Buffer.from(from.buffer, from.byteOffset + at * 4, count * 4));
}

function pasteBytes(to: Uint32Array, at: number, bytes: Uint8Array): void {
  new Uint8Array(to.buffer, to.byteOffset + at * 4, bytes.length).set(bytes);
}
