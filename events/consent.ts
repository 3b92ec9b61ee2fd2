/**
 * Facts of stream `consent/<id>`: what one customer allows one recipient, and what the recipient got. The customer is the account's
 * pseudonymous id; no value of a reading is here. Instants are UTC ms. @source X.1332 9.3 (third party), 8.2
 */
export type ConsentEvent =
  | { readonly type: 'ConsentRequested'; readonly data: ConsentRequested }
  | { readonly type: 'ConsentGranted'; readonly data: ConsentGranted }
  | { readonly type: 'ConsentNarrowed'; readonly data: ConsentNarrowed }
  | { readonly type: 'ConsentRevoked'; readonly data: { readonly by: ConsentRevoker; readonly at: number } }
  | { readonly type: 'ConsentExpired'; readonly data: { readonly at: number } }
  | { readonly type: 'DataDisclosed'; readonly data: DataDisclosed }
  | { readonly type: 'DisclosureRefused'; readonly data: DisclosureRefused };

/** What a recipient may use data for. */
export type ConsentPurpose = 'bill-check' | 'efficiency' | 'load-shifting' | 'research';

/** From coarse to fine; `interval` = as it was measured. */
export type DataResolution = 'month' | 'day' | 'hour' | 'interval';

/** `usage` from the grid, `generation` into it, `bills` with their totals. */
export type ConsentDataClass = 'usage' | 'generation' | 'bills';

/** Who ended a consent: the customer, the recipient itself, the utility, or the erasure of the customer. */
export type ConsentRevoker = 'customer' | 'recipient' | 'utility' | 'erasure';

/** What can be narrowed later. */
export interface ConsentScope {
  readonly dataClasses: readonly ConsentDataClass[];
  readonly resolution: DataResolution;
  /** Window of the data, past and future in one grant. */
  readonly from: number;
  readonly until: number;
  /** The consent ends then, 13 months after the grant at the latest. */
  readonly expiresAt: number;
}

export interface ConsentRequested extends ConsentScope {
  readonly consentId: string;
  readonly recipient: string;
  readonly purpose: ConsentPurpose;
  readonly at: number;
}

export interface ConsentGranted extends ConsentScope {
  readonly consentId: string;
  readonly account: string;
  readonly recipient: string;
  readonly purpose: ConsentPurpose;
  readonly usagePoints: readonly string[];
  /** SHA-256 of the text that the customer agreed to, hex. */
  readonly textHash: string;
  /** When and how the customer had signed in. */
  readonly authTime: number;
  readonly authMethod: string;
  readonly at: number;
}

/** The scope as it is from now on. */
export interface ConsentNarrowed extends ConsentScope {
  readonly usagePoints: readonly string[];
  readonly authTime: number;
  readonly authMethod: string;
  readonly at: number;
}

/** A page that left, recorded before it does. */
export interface DataDisclosed {
  readonly recipient: string;
  readonly requestId: string;
  readonly via: DisclosureWay;
  readonly dataClasses: readonly ConsentDataClass[];
  readonly resolution: DataResolution;
  readonly from: number;
  readonly until: number;
  readonly usagePoints: readonly string[];
  readonly rows: number;
  /** SHA-256 of the rows as they left, hex. */
  readonly hash: string;
  readonly at: number;
}

export type DisclosureWay = 'pull' | 'push' | 'bulk';

/** Of refusals that are alike, one per minute is recorded. */
export interface DisclosureRefused {
  readonly recipient: string;
  readonly requestId: string;
  readonly via: DisclosureWay;
  readonly why: DisclosureRefusal;
  readonly resolution: DataResolution;
  readonly from: number;
  readonly until: number;
  readonly at: number;
}

/** Why nothing leaves; a problem type of the third parties' door each. */
export type DisclosureRefusal =
  | 'consent-missing'
  | 'consent-expired'
  | 'consent-revoked'
  | 'resolution-exceeds-purpose'
  | 'resolution-exceeds-consent'
  | 'window-exceeds-consent'
  | 'data-class-not-granted'
  | 'premises-not-granted';
