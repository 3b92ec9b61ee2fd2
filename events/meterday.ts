import type { Channel } from './meter.ts';

/**
 * Facts of stream `meterday/<meterId>/<yyyy-mm-dd>` (a later part of a day that a tenancy cut divides: `.2`, `.3` behind the
 * date): one local day of one meter, the register of truth. Slot i ends at `start + (i + 1) * minutes * 60`. All values are
 * counts of the channel, before scale and multiplier. Byte columns are little-endian but for `records`, which are the
 * meter's own bytes. @source X.1332 8.1 (load profile altered), 10.1 (meter data)
 */
export type MeterDayEvent =
  | { readonly type: 'ReadingsCollected'; readonly data: ReadingsCollected }
  | { readonly type: 'DayVerified'; readonly data: DayVerified }
  | { readonly type: 'ProfileChainBroken'; readonly data: ProfileFault }
  | { readonly type: 'SealMismatch'; readonly data: ProfileFault }
  | { readonly type: 'DayValidated'; readonly data: DayValidated }
  | { readonly type: 'SlotsEstimated'; readonly data: SlotsEstimated }
  | { readonly type: 'EditProposed'; readonly data: SlotsEdited }
  | { readonly type: 'EditRejected'; readonly data: { readonly edit: number; readonly by: string; readonly at: number } }
  | { readonly type: 'SlotsEdited'; readonly data: SlotsEdited & { readonly approvedBy?: string } }
  | { readonly type: 'DayProvisional'; readonly data: DayOutcome }
  | { readonly type: 'DayFinalized'; readonly data: DayFinalized }
  | { readonly type: 'DayRestated'; readonly data: DayRestated }
  | { readonly type: 'DaySettled'; readonly data: { readonly run: string; readonly revision: number; readonly at: number } }
  | { readonly type: 'DayResealed'; readonly data: DayResealed };

/** What a day is of. */
export interface DayFrame {
  readonly usagePoint: string;
  readonly meterId: string;
  /** Local date, `yyyy-mm-dd`. */
  readonly day: string;
  /** 1, or more when a tenancy cut divides the day. */
  readonly part: number;
  /** Account id or UTILITY: under whose key this lies. */
  readonly subject: string;
  /** UTC s. */
  readonly start: number;
  readonly end: number;
  readonly minutes: number;
  readonly zone: string;
}

/** Records that came for a day: at first all there are, later only what is new. */
export interface ReadingsCollected {
  readonly frame: DayFrame;
  /** How far the segment was read, and since when the meter has had its home there, UTC ms (absent before this was kept: first of all). */
  readonly through: { readonly segment: string; readonly version: number; readonly since?: number };
  readonly channels: readonly CollectedChannel[];
  /** Signed seals of the meter that cover the day (payload and signature), as they came. */
  readonly seals: readonly Uint8Array[];
  /** Spans without supply that the meter's events told of, UTC s. */
  readonly outages: readonly { readonly from: number; readonly until: number }[];
  readonly at: number;
}

export interface CollectedChannel {
  readonly channel: number;
  /** As enrolled when the day was collected. */
  readonly asset: Channel;
  /** Counts in one slot above which the service fuse would have blown. */
  readonly capacity: number;
  /** 13 bytes each, rising ends, byte-exact as in the meter's profile (protocol.md): end u32, register u48, value u16, flags u8. */
  readonly records: Uint8Array;
  /** u32 per record: annotation bits of ingest. */
  readonly annotations: Uint8Array;
  /** 12 bytes each: end u32 of the frame that carried it (UTC s), first 8 bytes of the chain head then. */
  readonly heads: Uint8Array;
  /** Register at `start` of the day, counts; -1 = not known. */
  readonly registerBefore: number;
  /** Final register of a meter that was removed at the end of the frame, as it was read there, counts. */
  readonly registerAfter?: number;
  /** Intervals came off the grid or of another length than enrolled: they have no slot (V02). */
  readonly offGrid?: true;
}

export interface DayVerified {
  readonly seal: 'verified' | 'absent' | 'refused';
  /** `unverified` = not every record of the day is known. */
  readonly chain: 'verified' | 'unverified' | 'broken';
  readonly at: number;
}

/** Where the meter's profile contradicts what it signed or said before. Billing of the span is held. */
export interface ProfileFault {
  readonly channel: number;
  /** UTC s. */
  readonly from: number;
  readonly until: number;
  readonly what: 'chain-head' | 'seal-head' | 'seal-register' | 'seal-slots' | 'seal-channel' | 'seal-signature' | 'seal-order';
}

export interface DayValidated {
  /** Name and number of the policy that judged. */
  readonly policy: string;
  readonly channels: readonly ValidatedChannel[];
  readonly at: number;
}

export interface ValidatedChannel {
  readonly channel: number;
  /** u16 per entry: slots with findings, rising. */
  readonly slots: Uint8Array;
  /** u32 per entry: bits of VEE_RULES. */
  readonly errors: Uint8Array;
  readonly warnings: Uint8Array;
  /** Findings about the day as a whole, bits of VEE_RULES. */
  readonly dayErrors: number;
  readonly dayWarnings: number;
  /** Register difference over the day, counts; -1 = no bracket. */
  readonly bracket: number;
}

/** Estimates replace what no measurement proves; each slot carries method, inputs, confidence. */
export interface SlotsEstimated {
  readonly channels: readonly EstimatedChannel[];
  readonly at: number;
}

export interface EstimatedChannel {
  readonly channel: number;
  /** u16 per entry. */
  readonly slots: Uint8Array;
  /** u32 per entry, counts; NO_COUNTS takes an earlier estimate back. */
  readonly counts: Uint8Array;
  /** u8 per entry: index into SLOT_SOURCES, SCALED set where the register scaled it. */
  readonly sources: Uint8Array;
  /** u8 per entry, per cent. */
  readonly confidence: Uint8Array;
  /** What the methods looked at, e.g. `2013-05-27 2013-05-20` or `register 4411..5020`. */
  readonly inputs: string;
}

export interface SlotsEdited {
  /** Number of the edit in this stream, from 1. */
  readonly edit: number;
  readonly kind: 'accept' | 'estimate' | 'values' | 'agreed' | 'undo';
  readonly channel: number;
  /** u16 per entry. */
  readonly slots: Uint8Array;
  /** u32 per entry, counts; NO_COUNTS = none. For an undo: what stands again. */
  readonly counts: Uint8Array;
  /** u8 per entry: index into SLOT_SOURCES, SCALED where it applies. */
  readonly sources: Uint8Array;
  readonly confidence: Uint8Array;
  readonly reason: string;
  readonly note: string;
  readonly by: string;
  /** The edit that this one takes back. */
  readonly undoes?: number;
  readonly at: number;
}

/** How a day stands: what billing and audiences may count on. */
export interface DayOutcome {
  /** Dense from 1: every outcome of the day has its own. */
  readonly revision: number;
  readonly channels: readonly ChannelOutcome[];
  /** Slots or profile contradict each other: not billable as it is. */
  readonly held: boolean;
  readonly at: number;
}

/** Who made the day final before it was whole or due, and why; absent where nobody did. */
export interface DayFinalized extends DayOutcome {
  readonly word?: { readonly reason: string; readonly note: string; readonly by: string };
}

export interface ChannelOutcome {
  readonly channel: number;
  readonly direction: 'import' | 'export';
  readonly unit: 'Wh' | 'varh' | 'VAh';
  /** Units of one count: scale times multiplier in force. */
  readonly perCount: number;
  /** Sum over slots with a value, in the channel's unit. */
  readonly energyWh: number;
  readonly measured: number;
  readonly estimated: number;
  readonly edited: number;
  readonly held: number;
  readonly missing: number;
}

/** A final day changed: energy only. Everyone who had `before` gets both. */
export interface DayRestated extends DayOutcome {
  readonly before: readonly ChannelOutcome[];
  readonly reason: string;
  readonly by: string;
}

/** The whole day again, under another subject's key, after a tenancy was corrected. What it covered before counts no more. */
export interface DayResealed {
  readonly frame: DayFrame;
  /** Events of the day so far, cut to the frame; empty when nothing of the day is left in this part. */
  readonly history: readonly MeterDayEvent[];
  readonly reason: string;
  readonly at: number;
}
