import type { DeviceReleased } from './meter.ts';
import type { BatchRef, RefusalCounts } from './segment.ts';

/** Facts of stream `relay/<dcId>`: one concentrator. */
export type RelayEvent =
  | { readonly type: 'RelayRegistered'; readonly data: { readonly dcId: string; readonly fingerprint: string; readonly at: number } }
  | { readonly type: 'JunkCounted'; readonly data: JunkCounted }
  | { readonly type: 'RelayThrottled'; readonly data: { readonly frames: number; readonly at: number } }
  | { readonly type: 'RelayQuarantined'; readonly data: { readonly reason: string; readonly at: number } }
  | { readonly type: 'RelayReleased'; readonly data: DeviceReleased };

/** Frames of one batch that name no meter of ours, or are no frames at all. */
export interface JunkCounted {
  readonly batch: BatchRef;
  readonly brokerTime: number;
  readonly counts: RefusalCounts;
  /** SHA-256 of refused frames, at most 64. */
  readonly hashes: readonly Uint8Array[];
  /** Raw bytes set aside, at most 100 per relay and hour. */
  readonly raws: readonly Uint8Array[];
  /** Bit per place in the batch: frames counted as `unknown-meter`. They stay so, whoever is enrolled before the batch comes again. */
  readonly unknown?: Uint8Array;
}
