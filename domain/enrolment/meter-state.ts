import type { AssetRecord, RelayInterval } from '../../events/index.ts';

/** What stream `meter/<meterId>` says of a meter. A state has only the fields that can be true in it. */
export type MeterState = UnknownMeter | KnownMeter;

export interface UnknownMeter {
  readonly status: 'unknown';
}

export type KnownMeter = EnrolledMeter | ActiveMeter | QuarantinedMeter | RetiredMeter;

/** In the utility's stock, not yet installed. */
export interface EnrolledMeter extends MeterRecord {
  readonly status: 'enrolled';
}

export interface ActiveMeter extends MeterRecord {
  readonly status: 'active';
}

export interface QuarantinedMeter extends MeterRecord {
  readonly status: 'quarantined';
  readonly before: 'enrolled' | 'active';
  readonly reason: string;
  readonly since: number;
}

/** Speaks no more: no certificate counts for it, only its remaining keys still have to go. */
export interface RetiredMeter extends Pick<MeterRecord, 'meterId' | 'asset' | 'segment' | 'relays' | 'ladder' | 'incidents'> {
  readonly status: 'retired';
  readonly at: number;
}

export interface MeterRecord {
  readonly meterId: string;
  readonly identity: Identity;
  readonly asset: AssetRecord;
  readonly segment: string | undefined;
  readonly relays: readonly RelayInterval[];
  readonly ladder: Ladder;
  readonly refusals: Refusals;
  readonly incidents: readonly string[];
}

export interface Identity {
  /** X.509 DER. */
  readonly certificate: Uint8Array;
  /** The certificate before, and when it was replaced; UTC ms. */
  readonly previous: { readonly certificate: Uint8Array; readonly replacedAt: number } | undefined;
}

/** The meter's epochs whose secret still exists, oldest first. */
export interface Ladder {
  /** Highest epoch ever proposed, 0 for none. Never goes back. */
  readonly highest: number;
  /** Lowest cipher suite the meter may still ask for. */
  readonly suiteFloor: number;
  readonly live: readonly Epoch[];
}

export type Epoch = ProposedEpoch | ActiveEpoch | ClosedEpoch;

interface EpochFacts {
  readonly epoch: number;
  /** SHA-256 of HELLO's to-be-signed bytes: whose epoch it is. */
  readonly helloHash: Uint8Array;
  readonly accept: Uint8Array;
  readonly keyRow: string;
  readonly proposedAt: number;
}

/** Agreed, but no frame has opened under it yet. */
export interface ProposedEpoch extends EpochFacts {
  readonly phase: 'proposed';
}

export interface ActiveEpoch extends EpochFacts {
  readonly phase: 'active';
  readonly activatedAt: number;
  readonly overdue: boolean;
}

/** A newer epoch is active; frames that were spooled still open until destruction. */
export interface ClosedEpoch extends EpochFacts {
  readonly phase: 'closed';
  readonly activatedAt: number;
  readonly closedAt: number;
}

/** What was turned away lately: bounds what an attacker can make the stream record. */
export interface Refusals {
  /** UTC days since 1970 that `hashes` and `answers` belong to. */
  readonly day: number;
  /** Inputs recorded on that day, SHA-256 in hex. */
  readonly hashes: readonly string[];
  /** How many of them were answered. */
  readonly answers: number;
  /** UTC ms of the last answer that was sent; -Infinity for none. */
  readonly answeredAt: number;
}

export const UNKNOWN_METER: UnknownMeter = Object.freeze({ status: 'unknown' });
export const EMPTY_LADDER: Ladder = Object.freeze({ highest: 0, suiteFloor: 0, live: [] });
export const NO_REFUSALS: Refusals = Object.freeze({ day: -1, hashes: [], answers: 0, answeredAt: Number.NEGATIVE_INFINITY });
