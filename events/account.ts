import type { AssetRecord } from './meter.ts';

/**
 * Facts of stream `account/<id>`: one customer of the utility. Names and addresses are the customer system's; here is the
 * pseudonymous id that keys, days and bills hang on. Tenancies mirror the cuts of the usage points, which decide.
 */
export type AccountEvent =
  | { readonly type: 'AccountOpened'; readonly data: { readonly accountId: string; readonly at: number } }
  | { readonly type: 'TenancyStarted'; readonly data: { readonly usagePoint: string; readonly from: number; readonly at: number } }
  | { readonly type: 'TenancyEnded'; readonly data: { readonly usagePoint: string; readonly until: number; readonly at: number } }
  | { readonly type: 'TenancyAmended'; readonly data: TenancyAmended }
  | { readonly type: 'PointStated'; readonly data: PointStated }
  | { readonly type: 'AccountClosed'; readonly data: { readonly at: number } };

/** After a correction: every span of this account at the usage point, oldest first. */
export interface TenancyAmended {
  readonly usagePoint: string;
  readonly spans: readonly TenancySpan[];
  readonly at: number;
}

/**
 * What a usage point is to this account, said whenever a tenancy there changes that is or was another's as well: so that it can be shown to the
 * customer without the usage point's own commits, which speak of others. Of time that is not the customer's it holds nothing.
 */
export interface PointStated {
  readonly usagePoint: string;
  /** Version of the usage point's stream up to which this is all there is. */
  readonly through: number;
  /** Oldest first; none where the tenancy was taken back. */
  readonly spans: readonly TenancySpan[];
  /** Meters that hang there in it, for as long as both last: since when one hung there before is not told. */
  readonly meters: readonly StatedMeter[];
  readonly multipliers: readonly StatedMultiplier[];
  /** Rising by local date; what is in force when it begins has that date. */
  readonly tariffs: readonly { readonly tariff: string; readonly from: string }[];
  readonly at: number;
}

/** UTC ms. */
export interface StatedMeter {
  readonly meterId: string;
  readonly from: number;
  readonly until?: number;
  readonly asset: AssetRecord;
}

/** What one count is worth from an instant on, UTC ms, where the asset record says otherwise. */
export interface StatedMultiplier {
  readonly meterId: string;
  readonly channel: number;
  readonly multiplier: number;
  readonly validFrom: number;
}

/** UTC ms; `until` is absent while it lasts. */
export interface TenancySpan {
  readonly from: number;
  readonly until?: number;
}

/** Facts of stream `access/<yyyy-mm-dd>` (UTC): who opened whose data, recorded before it opens. @source X.1332 10.3 */
export type AccessEvent = { readonly type: 'DataAccessed'; readonly data: DataAccessed };

export interface DataAccessed {
  readonly principal: string;
  readonly purpose: AccessPurpose;
  /** Window of the data, UTC ms. */
  readonly from: number;
  readonly until: number;
  readonly subjects: readonly string[];
  /** Who had the principal do it; absent where nobody did. */
  readonly person?: string;
  /** Why the data may leave the service, where it does. */
  readonly grounds?: DisclosureGrounds;
  readonly at: number;
}

/** Who takes data out of the service, what for, and the law, contract or consent that allows it. */
export interface DisclosureGrounds {
  readonly who: string;
  readonly purpose: string;
  readonly legalBasis: string;
}

/** Why subject data is opened. */
export type AccessPurpose =
  | 'close-day'
  | 'estimation'
  | 'editing'
  | 'billing'
  | 'settlement'
  | 'projection'
  | 'customer-view'
  | 'third-party'
  | 'archive'
  | 'reseal'
  | 'export'
  | 'audit';
