import type { Channel, DayFrame, DayOutcome, DayVerified, ProfileFault, SlotsEdited } from '../../events/index.ts';

/**
 * What stream `meterday/<meterId>/<day>` adds up to. A state has one owner, who moves it on in place: `evolve` makes a new
 * one out of `initial` and changes that one afterwards.
 */
export type MeterDayState = { readonly status: 'empty' } | OpenDay;

export interface OpenDay {
  readonly status: 'open';
  frame: DayFrame;
  /** Slots of the frame. */
  slots: number;
  /** Index = channel number; undefined where nothing was collected. */
  channels: (ChannelState | undefined)[];
  /** How far each segment was read. */
  through: Map<string, number>;
  /** Where the meter's records came from; a channel names a slot's home by its place here. */
  homes: Home[];
  /** Payload and signature, distinct, as they came. */
  seals: Uint8Array[];
  outages: { from: number; until: number }[];
  verified: DayVerified | undefined;
  faults: ProfileFault[];
  /** Name and number of the policy that judged last; '' before. */
  policy: string;
  /** Something came since it was judged. */
  stale: boolean;
  /** Edits in force or taken back, by number (from 1). */
  edits: (SlotsEdited & { readonly approvedBy?: string })[];
  /** Edits of a final day that wait for a second person. */
  proposals: Map<number, SlotsEdited>;
  /** Number of the last edit, proposed ones included. */
  lastEdit: number;
  outcome: DayOutcome | undefined;
  /** Of the last outcome, also of one that a reseal took away; 0 before the first. */
  revision: number;
  /** Why a final day would be stated again now. */
  cause: string;
  final: boolean;
  /** Settlement run to the revision it took. */
  settled: Map<string, number>;
}

/** A segment and since when the meter was there, UTC ms. */
export interface Home {
  readonly segment: string;
  readonly since: number;
}

export interface ChannelState {
  readonly channel: number;
  asset: Channel;
  /** Counts in one slot above which the service fuse would have blown. */
  capacity: number;
  /** Counts; -1 = not known. */
  registerBefore: number;
  /** Intervals came that no slot takes. */
  offGrid: boolean;
  /** Units of one count. */
  perCount: number;
  /** 1 = a record is there, with or without a value. */
  readonly present: Uint8Array;
  /** Of the record in force; NO_COUNTS = none. */
  readonly counts: Uint32Array;
  /** At the end of the slot; -1 = not known. */
  readonly registers: Float64Array;
  readonly flags: Uint8Array;
  readonly annotations: Uint32Array;
  /** Which of the day's homes brought the record in force. */
  readonly homes: Uint8Array;
  /** Other authentic values of a slot, in order of arrival: kept, not the reading. */
  readonly versions: SlotVersion[];
  /** Chain heads that came with frames: end u32 (UTC s) and 8 bytes of the head each. */
  heads: Uint8Array;
  /** undefined until validated. */
  judged: Judgement | undefined;
  edited: EditLayer | undefined;
}

export interface SlotVersion {
  readonly slot: number;
  /** NO_COUNTS = none. */
  readonly counts: number;
  readonly register: number;
  readonly flags: number;
}

/** What validation found and estimation filled in. */
export interface Judgement {
  /** Bits of VEE_RULES per slot. */
  readonly errors: Uint32Array;
  readonly warnings: Uint32Array;
  readonly dayErrors: number;
  readonly dayWarnings: number;
  /** Register difference over the day, counts; -1 = no bracket. */
  readonly bracket: number;
  /** NO_COUNTS = no estimate. */
  readonly estimates: Uint32Array;
  /** Index into SLOT_SOURCES, SCALED where the register scaled it; 0 where no estimate is. */
  readonly sources: Uint8Array;
  /** Per cent. */
  readonly confidence: Uint8Array;
}

/** What persons decided, slot by slot. */
export interface EditLayer {
  /** Number of the edit in force, 0 = none. */
  readonly edit: Uint16Array;
  readonly counts: Uint32Array;
  readonly sources: Uint8Array;
  readonly confidence: Uint8Array;
}

/** One slot as everybody downstream sees it. */
export interface SlotView {
  /** Counts that count; NO_COUNTS while missing or held. */
  counts: number;
  /** Index into SLOT_SOURCES, SCALED where it applies. */
  source: number;
  confidence: number;
  edited: boolean;
}
