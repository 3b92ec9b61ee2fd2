import type { AssetRecord, RelayAssignment } from './meter.ts';

/** Facts of stream `segment/<id>`: the telemetry of at most 512 meters. @source X.1332 9.1, 10.1 */
export type SegmentEvent =
  | { readonly type: 'MeterJoined'; readonly data: MeterJoined }
  | { readonly type: 'MemberAmended'; readonly data: MemberAmended }
  | { readonly type: 'MeterLeft'; readonly data: MeterLeft }
  | { readonly type: 'FramesAccepted'; readonly data: FramesAccepted }
  | { readonly type: 'FramesHeld'; readonly data: FramesHeld }
  | { readonly type: 'FramesRefused'; readonly data: FramesRefused }
  | { readonly type: 'SlotConflict'; readonly data: SlotConflict }
  | { readonly type: 'DownlinksIssued'; readonly data: DownlinksIssued }
  | { readonly type: 'SegmentCheckpointed'; readonly data: SegmentCheckpointed };

/** A batch of a concentrator: its own number and the first 8 bytes of the SHA-256 of its bytes. */
export interface BatchRef {
  readonly dcId: string;
  readonly sequence: number;
  readonly digest: Uint8Array;
}

/** Place of the meter in the segment: `member` is dense and never reused inside a segment. */
export interface MeterJoined {
  readonly meterId: string;
  readonly member: number;
  readonly asset: AssetRecord;
  readonly relays: readonly RelayInterval[];
  /** When moved: the segment it came from and what MeterLeft recorded there, pinned by the hash of that commit. */
  readonly from?: { readonly segment: string; readonly chainHead: Uint8Array; readonly state: MemberTelemetry };
  readonly at: number;
}

/** Windows, slots and registers of one meter: what goes with it from segment to segment, and into snapshots. */
export interface MemberTelemetry {
  readonly since: number;
  readonly dnSeq: number;
  readonly ackedAt: number;
  readonly askedAt: number;
  readonly windows: readonly {
    readonly epoch: number;
    readonly highest: number;
    readonly bits: Uint8Array;
    readonly tags: Uint8Array;
    readonly commits: Uint8Array;
  }[];
  readonly lanes: readonly {
    readonly done: number;
    readonly newest: number;
    readonly register: number;
    readonly bits: Uint8Array;
    readonly values: Uint8Array;
    readonly holes: readonly (readonly number[])[];
    readonly held: readonly number[];
  }[];
  /** Batches that may hold frames of this meter and were judged elsewhere; absent when it never moved. */
  readonly batches?: readonly CarriedBatches[];
}

/** What a segment that a meter left remembers of one concentrator's batches: a late redelivery finds them where the meter is now. */
export interface CarriedBatches {
  /** Absent = the segment that was left just now. */
  readonly segment?: string;
  readonly dcId: string;
  /** When it left, UTC ms. */
  readonly at: number;
  readonly next: number;
  readonly digests: Uint8Array;
  readonly versions: Uint8Array;
}

export interface RelayInterval extends RelayAssignment {
  /** UTC ms; absent while it lasts. */
  readonly until?: number;
}

/** What enrolment changed about a member: only the fields given. */
export interface MemberAmended {
  readonly meterId: string;
  readonly asset?: AssetRecord;
  readonly relays?: readonly RelayInterval[];
  readonly status?: MemberStatus;
  /** Epochs whose secret is gone; their windows are dropped. */
  readonly epochsDestroyed?: readonly number[];
  readonly at: number;
}

export type MemberStatus = 'active' | 'quarantined' | 'retired';

export interface MeterLeft {
  readonly meterId: string;
  readonly toSegment: string;
  readonly state: MemberTelemetry;
  readonly at: number;
}

/**
 * Accepted frames of one batch in columns; entry i of every column belongs to frame i. All byte columns are
 * fixed-width and little-endian unless they are wire bytes (kid, iv, tag, plaintext), which stay as they came.
 */
export interface FrameColumns {
  readonly count: number;
  /** u16: member. */
  readonly member: Uint8Array;
  /** 20 bytes: kid (meterId, epoch, generation) and Partial IV (salt, counter), from the header. */
  readonly header: Uint8Array;
  /** The first 4 of 16 bytes: the others follow from key, header and plaintext. */
  readonly tag: Uint8Array;
  /** Plaintexts one behind the other, 32, 64 or 320 bytes each. */
  readonly plaintext: Uint8Array;
  /** u8: size class 0, 1, 2. */
  readonly sizeClass: Uint8Array;
  /** u32: annotation bits (annotations.ts). */
  readonly annotations: Uint8Array;
  /** u32: receive time at the concentrator, UTC seconds. */
  readonly receivedAt: Uint8Array;
}

export interface FramesAccepted {
  readonly batch: BatchRef;
  readonly brokerTime: number;
  readonly frames: FrameColumns;
  /** Frames of this batch and segment that were accepted before: same counter, same bytes. */
  readonly duplicates: number;
  /** Slots delivered again with the same value, under a new counter. */
  readonly slotsRepeated: number;
  /** u16 per entry: places among `frames` of those that were the first to open under their epoch. */
  readonly epochsOpened?: Uint8Array;
}

/** Authentic frames set aside: opened, kept, releasable. */
export interface FramesHeld {
  readonly batch: BatchRef;
  readonly brokerTime: number;
  readonly frames: FrameColumns;
  /** u8 per frame: index into HELD_REASONS. */
  readonly reasons: Uint8Array;
  /** As in FramesAccepted. */
  readonly epochsOpened?: Uint8Array;
}

/** Why an authentic frame is held; append only, the index is recorded. */
export const HELD_REASONS = [
  'unassigned-relay',
  'unknown-channel',
  'below-window',
  'counter-reused',
  'interval-future',
  'interval-too-old',
  'message-limit',
] as const satisfies readonly RefusalReason[];

/** Frames that were not opened or did not open, packed: one event per batch. */
export interface FramesRefused {
  readonly batch: BatchRef;
  readonly brokerTime: number;
  /** Where the damage showed: the concentrator that brought the batch. */
  readonly hop?: string;
  readonly counts: RefusalCounts;
  readonly hashes: readonly Uint8Array[];
  readonly raws: readonly Uint8Array[];
}

export type RefusalCounts = Readonly<Partial<Record<RefusalReason, number>>>;

/** Why a frame was not accepted. Never leaves the MDMS: outward every refusal looks alike. */
export type RefusalReason =
  | 'batch-layout'
  | 'frame-layout'
  | 'algorithm'
  | 'unknown-meter'
  | 'relay-throttled'
  | 'meter-throttled'
  | 'unassigned-relay'
  | 'meter-quarantined'
  | 'meter-retired'
  | 'unknown-epoch'
  | 'epoch-destroyed'
  | 'not-authentic'
  | 'plaintext-layout'
  | 'unknown-channel'
  | 'below-window'
  | 'counter-reused'
  | 'interval-future'
  | 'interval-too-old'
  | 'message-limit'
  | 'wrong-confirmation'
  | 'handler-fault';

/** Two authentic values for one slot. Both are kept; the first stays the reading until somebody decides. */
export interface SlotConflict {
  readonly meterId: string;
  readonly channel: number;
  /** Interval end, UTC seconds. */
  readonly slotEnd: number;
  /** Energy in the channel's counts; null = the meter measured none. */
  readonly first: number | null;
  readonly second: number | null;
}

/** Exact bytes of downlink messages, sent after the commit is durable and only ever again unchanged. */
export interface DownlinksIssued {
  /** Broker time that caused them, UTC ms. */
  readonly at: number;
  readonly messages: readonly IssuedDownlink[];
}

export interface IssuedDownlink {
  readonly meterId: string;
  /** Concentrator that brought the frame and takes the message. */
  readonly dcId: string;
  readonly kind: 'ack' | 'resend' | 'epoch-request' | 'time' | 'keys' | 'certificate';
  readonly dnSeq: number;
  readonly bytes: Uint8Array;
}

export interface SegmentCheckpointed {
  /** Version of the last event the body covers. */
  readonly covers: number;
  /** Hash of the commit that ends there. */
  readonly chainHead: Uint8Array;
  /** Key of the body in the object store: its SHA-256. */
  readonly bodyHash: Uint8Array;
  /** ES256 over the other fields. */
  readonly signature: Uint8Array;
  readonly at: number;
}
