/** Facts of stream `meter/<meterId>`: identity, assignment, keys and incidents of one meter. @source X.1332 10.1 */
export type MeterEvent =
  | { readonly type: 'MeterEnrolled'; readonly data: MeterEnrolled }
  | { readonly type: 'SegmentAssigned'; readonly data: { readonly segment: string } }
  | { readonly type: 'RelayAssigned'; readonly data: RelayAssignment }
  | { readonly type: 'RelayUnassigned'; readonly data: { readonly dcId: string; readonly until: number } }
  | { readonly type: 'EpochProposed'; readonly data: EpochProposed }
  | { readonly type: 'EpochRefused'; readonly data: EpochRefused }
  | { readonly type: 'EpochActivated'; readonly data: { readonly epoch: number; readonly at: number } }
  | { readonly type: 'EpochClosed'; readonly data: { readonly epoch: number; readonly at: number } }
  | { readonly type: 'EpochDestroyed'; readonly data: { readonly epoch: number; readonly at: number } }
  | { readonly type: 'EpochOverdue'; readonly data: { readonly epoch: number; readonly at: number } }
  | { readonly type: 'MeterActivated'; readonly data: { readonly at: number } }
  | { readonly type: 'CertificateRenewed'; readonly data: { readonly certificate: Uint8Array; readonly at: number } }
  | { readonly type: 'CounterReused'; readonly data: { readonly epoch: number; readonly counter: number; readonly at: number } }
  | { readonly type: 'TamperReported'; readonly data: { readonly code: number; readonly at: number } }
  | { readonly type: 'MeterQuarantined'; readonly data: { readonly reason: string; readonly at: number } }
  | { readonly type: 'MeterReleased'; readonly data: DeviceReleased }
  | { readonly type: 'MeterRetired'; readonly data: MeterRetired };

/** A person let a device in again that was cut off. */
export interface DeviceReleased {
  /** The person, by name; absent before releases had it. */
  readonly by?: string;
  /** Why, 2 to 200 characters; absent as well. */
  readonly reason?: string;
  readonly at: number;
}

/** A person ended a meter for good. */
export interface MeterRetired {
  /** The person, by name; absent before retirements had it. */
  readonly by?: string;
  /** Why, 2 to 200 characters; absent as well. */
  readonly reason?: string;
  readonly at: number;
}

export interface MeterEnrolled {
  readonly meterId: string;
  /** X.509 DER; the meter's identity key, ES256. */
  readonly certificate: Uint8Array;
  readonly asset: AssetRecord;
  readonly at: number;
}

/** Kind of usage point; VEE defaults and the disclosure gate depend on it. `grid` = feeder head, no customer. */
export type MeterClass = 'residential' | 'commercial' | 'grid';

/** What the utility knows of a meter. Readings are judged against it (V02, V08, V16, V20). */
export interface AssetRecord {
  /** 5, 15 or 30. */
  readonly intervalMinutes: number;
  /** Index = channel number in the frame. */
  readonly channels: readonly Channel[];
  /** Largest power the service fuse lets through, W. */
  readonly fuseW: number;
  /** IANA time zone of the usage point. */
  readonly zone: string;
  /** Leaf of the operator's area tree; of a feeder head the one that it feeds. */
  readonly areaLeaf: string;
  /** Absent = residential. */
  readonly meterClass?: MeterClass;
}

export interface Channel {
  /** e.g. `1-0:1.8.0` import, `1-0:2.8.0` export. */
  readonly obis: string;
  readonly direction: 'import' | 'export';
  readonly unit: 'Wh' | 'varh' | 'VAh';
  /** Unit of a delta and of the register: 1 count = `scale` units. */
  readonly scale: number;
  /** Decimal digits of the register; it rolls over at 10^dials counts. */
  readonly dials: number;
  readonly multiplier: number;
  /** UTC ms. */
  readonly validFrom: number;
}

export interface RelayAssignment {
  readonly dcId: string;
  /** UTC ms, broker time. */
  readonly from: number;
}

export interface EpochProposed {
  readonly epoch: number;
  /** SHA-256 of HELLO's to-be-signed bytes: the same HELLO gets the same ACCEPT. */
  readonly helloHash: Uint8Array;
  /** SHA-256 of the whole signed HELLO. */
  readonly signedHash: Uint8Array;
  /** The exact ACCEPT, only ever sent again unchanged. */
  readonly accept: Uint8Array;
  /** Row of the key table that holds the wrapped epoch secret. */
  readonly keyRow: string;
  /** Cipher suite agreed; a later HELLO may not ask for a lower one. */
  readonly suite?: number;
  readonly at: number;
}

/** A HELLO or renewal that was turned away. The outward answer is silence, or EPOCH-IS. */
export interface EpochRefused {
  readonly reason: string;
  /** SHA-256 of the input. */
  readonly hash: Uint8Array;
  /** EPOCH-IS or key manifest that was sent, exact bytes. */
  readonly answer?: Uint8Array;
  readonly at: number;
}
