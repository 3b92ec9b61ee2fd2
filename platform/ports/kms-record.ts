import type { EncryptionContext } from './kms.ts';

/** What was asked of the key service, by its own record. */
export interface KmsCall {
  /** UTC ms. */
  readonly at: number;
  /** Of topology/principals.ts; whoever else asked, by the name the key service has for it. */
  readonly principal: string;
  /** As in topology/keys.ts; what that doesn't know, by the name the key service has for it. */
  readonly operation: string;
  readonly keyId: string;
  /** What the ciphertext is bound to; absent where the operation knows none. */
  readonly context?: EncryptionContext;
  /** `ok`, or the code of the refusal. */
  readonly outcome: string;
}

/**
 * What is wrong with a day of the record. `missing`: something lay there; `altered`: what lies there is not what was written; `broken-off`: the
 * key service ended without closing its record, so that the last of what it did may be on none.
 */
export interface RecordFault {
  readonly fault: 'missing' | 'altered' | 'broken-off';
  /** Where, UTC ms, as close as the record tells. */
  readonly from: number;
  readonly until: number;
}

/** What is known of a day when all of it was read. */
export interface KmsDay {
  /** Where the record stands at the end of the day: what the next day has to continue; empty where it says nothing yet. */
  readonly end: string;
  readonly calls: number;
  readonly faults: readonly RecordFault[];
}

/**
 * The record that the key service writes of itself, in order, where no function writes. For whoever holds what functions say of themselves
 * against it. @source X.1332 10.1 (access to metering data is controlled), 10.3
 */
export interface KmsRecord {
  /** UTC date on which the record begins, as far as it is kept; undefined where there is none. */
  firstDay(): Promise<string | undefined>;
  /**
   * Hands over what was asked on a UTC date, whole and sound or not, in the order in which it was written.
   * @param after `end` of the day before; undefined where nobody read that
   */
  readDay(day: string, after: string | undefined, take: (call: KmsCall) => void): Promise<KmsDay>;
}
