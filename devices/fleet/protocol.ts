import type { AssetRecord } from '../../events/meter.ts';
import type { AdversaryCounts } from './adversary.ts';
import type { TownRequest } from './town.ts';

/**
 * What conductor and fleet say to each other over IPC (`fork` with serialization 'advanced'). The conductor owns
 * virtual time. Every message to the fleet has exactly one answer, in order, `progress` apart; a fault answers `failed`.
 */
export type ToFleet =
  | { readonly type: 'commission'; readonly town: TownRequest }
  | Commissioned
  /** Plays virtual time up to `to` (UTC ms), hour by hour. Answer: `advanced`. */
  | { readonly type: 'advance'; readonly to: number }
  /**
   * Nothing is measured any more, every concentrator is honest from now on; meters send what is unacknowledged.
   * Repeat with later times, the service's queues drained between, until `settled` says settled or stalled.
   */
  | { readonly type: 'settle'; readonly to: number }
  /** @property file where the list of readings is written, one `meterId,channel,end_utc,wh` a line, sorted */
  | { readonly type: 'truth'; readonly file?: string }
  /** Saves state and ends the process. Answer: `stopped`. */
  | { readonly type: 'stop' };

export type FromFleet =
  | Stock
  /** Every concentrator is connected. */
  | { readonly type: 'commissioned' }
  | Progress
  | Advanced
  | Settled
  | Truth
  | { readonly type: 'stopped' }
  /** @property code e.g. ERR_FLEET_INPUT, whose message is meant for the person who gave the input */
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** Answer to `commission`: what stands in the warehouse. */
export interface Stock {
  readonly type: 'stock';
  readonly meters: readonly StockMeter[];
  readonly concentrators: readonly StockConcentrator[];
  /** UTC ms: first interval begins. */
  readonly start: number;
  /** UTC ms: last interval ends; absent when the town has no end. */
  readonly end?: number;
  /** UTC ms up to which a fleet with saved state has measured already. */
  readonly resumedAt?: number;
}

export interface StockMeter {
  readonly meterId: string;
  /** PKCS #10, DER, CN = m-<meterId>. */
  readonly csr: Buffer;
  readonly asset: AssetRecord;
  /** Concentrators that hear it. */
  readonly relays: readonly string[];
  /** DER, when the fleet holds one from an earlier run. */
  readonly certificate?: Buffer;
  /** It hangs nowhere: no usage point, no customer. */
  readonly spare?: true;
}

export interface StockConcentrator {
  readonly dcId: string;
  /** PKCS #10, DER, CN = dc-<dcId>. */
  readonly csr: Buffer;
  readonly certificate?: Buffer;
}

/** Certificates for what was in stock (those the fleet holds already may be left out) and where to connect. */
export interface Commissioned {
  readonly type: 'commissioned';
  readonly meters: readonly { readonly meterId: string; readonly certificate: Buffer }[];
  readonly concentrators: readonly { readonly dcId: string; readonly certificate: Buffer }[];
  /** SPKI DER of the offline root that signs key manifests. */
  readonly root: Buffer;
  /** Key manifest as loaded in the factory. */
  readonly manifest: Buffer;
  /** mqtts://host:port */
  readonly brokerUrl: string;
  /** PEM of the CA that signed the broker's certificate. */
  readonly brokerCa: string;
}

/** Counts since the town was commissioned, over restarts. */
export interface FleetCounts {
  /** Frames in distinct batches that were acknowledged by the broker, the evil concentrator's included. */
  readonly framesPublished: number;
  /** Those distinct batches. */
  readonly batches: number;
  readonly hellos: number;
  readonly renewals: number;
  /** Readings measured: slots with a value. */
  readonly readings: number;
}

/** While an `advance` or `settle` runs, once per step of virtual time. */
export interface Progress extends FleetCounts {
  readonly type: 'progress';
  /** UTC ms reached. */
  readonly at: number;
}

export interface Advanced extends FleetCounts {
  readonly type: 'advanced';
  readonly to: number;
  /** Slots that wait for an acknowledgement. */
  readonly unacknowledged: number;
  /** Slots the MDMS keeps in quarantine. */
  readonly held: number;
  /** The town has no more intervals. */
  readonly ended: boolean;
}

export interface Settled extends FleetCounts {
  readonly type: 'settled';
  readonly to: number;
  readonly unacknowledged: number;
  readonly held: number;
  /** Everything honest is acknowledged. */
  readonly settled: boolean;
  /** Nothing changed over the last rounds: going on is of no use. */
  readonly stalled: boolean;
}

/** What was measured and delivered for sending: lost intervals are no readings. */
export interface Truth {
  readonly type: 'truth';
  readonly wh: number;
  readonly readings: number;
  readonly channels: readonly { readonly channel: number; readonly wh: number; readonly readings: number }[];
  readonly framesPublished: number;
  readonly batches: number;
  /** SHA-256, hex, over the sorted lines `meterId,channel,end_utc,wh`, each ended by a line feed. */
  readonly bySlotDigest: string;
  /** Sent by the evil concentrator, per kind; absent when all were honest. */
  readonly adversary?: AdversaryCounts;
  /** Messages that meters refused, per reason. */
  readonly refusedByMeters: Readonly<Record<string, number>>;
}
