/** One slot of the load profile as it was measured. */
export interface Slot {
  /** Interval end, UTC seconds. */
  readonly end: number;
  /** Counts of the channel; null = none was measured. */
  readonly value: number | null;
  /** What the register moved in the interval, counts; differs from the value where none was measured. */
  readonly advance: number;
  /** Status bits of the protocol (FLAG), without `resent`. */
  readonly flags: number;
}

/** Interval ends, UTC seconds, both inclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a ring of one channel is made for. */
export interface ChannelProfileOptions {
  readonly intervalSeconds: number;
  /** Decimal digits of the register: it rolls over at 10^dials counts. */
  readonly dials: number;
  /** Days a slot is kept after its end; unacknowledged slots stay up to twice as long. */
  readonly days: number;
}

export interface ChannelProfileState {
  counts: Uint16Array<ArrayBuffer>;
  state: Uint8Array<ArrayBuffer>;
  lastEnd: number;
  register: number;
  ackedTo: number;
  sentTo: number;
  lost: number;
  wide: ReadonlyMap<number, number>;
  heldSince: ReadonlyMap<number, number>;
}
