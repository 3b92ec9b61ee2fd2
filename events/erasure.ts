/**
 * Facts of stream `erasure/<account>`: how the personal data of one customer ends. The customer is the account's pseudonymous id; no value
 * of a reading or bill is here, so the stream outlives what it is about. Instants are UTC ms. @source X.1332 10.3
 */
export type ErasureEvent =
  | { readonly type: 'ErasureRequested'; readonly data: ErasureRequested }
  | { readonly type: 'ErasureWithdrawn'; readonly data: { readonly by: string; readonly at: number } }
  | { readonly type: 'ErasureDeferred'; readonly data: ErasureDeferred }
  | { readonly type: 'LegalHoldPlaced'; readonly data: LegalHoldPlaced }
  | { readonly type: 'LegalHoldReleased'; readonly data: { readonly hold: string; readonly by: string; readonly at: number } }
  | { readonly type: 'AccessEndBegun'; readonly data: { readonly at: number } }
  | { readonly type: 'SubjectAccessEnded'; readonly data: SubjectAccessEnded }
  | { readonly type: 'KeyDestructionBegun'; readonly data: { readonly of: ErasedClass; readonly at: number } }
  | { readonly type: 'SubjectKeysDestroyed'; readonly data: SubjectKeysDestroyed }
  | { readonly type: 'ReadModelsCleared'; readonly data: { readonly items: number; readonly at: number } }
  | { readonly type: 'RecipientNotified'; readonly data: { readonly recipient: string; readonly at: number } }
  | { readonly type: 'SubjectErased'; readonly data: SubjectErased }
  | { readonly type: 'ErasureCompleted'; readonly data: { readonly at: number } };

/** What lies under keys of a subject: the days, and what is made of them; the bills. */
export type ErasedClass = 'usage' | 'billing';

export interface ErasureRequested {
  readonly account: string;
  readonly by: 'customer' | 'utility';
  /** Of the utility, who wrote it down. */
  readonly person?: string;
  /** Nothing is destroyed before: until then it can be taken back. */
  readonly notBefore: number;
  readonly at: number;
}

/** What has to be kept for longer than the customer wishes, and why. */
export interface ErasureDeferred {
  readonly class: ErasedClass;
  readonly legalBasis: string;
  /** Absent while nobody knows: as long as a tenancy lasts. */
  readonly until?: number;
  readonly at: number;
}

/** As long as it is there nothing of the customer is destroyed. */
export interface LegalHoldPlaced {
  readonly hold: string;
  readonly legalBasis: string;
  readonly by: string;
  readonly at: number;
}

export interface SubjectAccessEnded {
  /** Consents that ended by it. */
  readonly consents: number;
  readonly sessions: number;
  /** Ways to sign in that were removed; absent where the identity provider is one that people look after. */
  readonly signIns?: number;
  readonly at: number;
}

export interface SubjectKeysDestroyed {
  readonly of: ErasedClass;
  /** Rows of the key table. */
  readonly rows: readonly string[];
  readonly at: number;
}

/** All that could be done is done. What is still somewhere, sealed under keys that are dying or kept by law, and until when. */
export interface SubjectErased {
  readonly completeAt: number;
  readonly remaining: readonly Remaining[];
  readonly at: number;
}

export interface Remaining {
  readonly what: string;
  readonly until: number;
}
