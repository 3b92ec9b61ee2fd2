/**
 * Facts of stream `audit/<yyyy-mm-dd>` (UTC): what came of holding a day of the key service's own record against what functions recorded
 * of themselves. @source X.1332 10.1, 10.3
 */
export type AuditEvent =
  | { readonly type: 'AccessUnexplained'; readonly data: AccessUnexplained }
  | { readonly type: 'KeyRecordDoubted'; readonly data: KeyRecordDoubted }
  | { readonly type: 'AccessReconciled'; readonly data: AccessReconciled };

/** A key of a subject was opened, and no access of whoever opened it covers that. */
export interface AccessUnexplained {
  readonly principal: string;
  /** As in topology/keys.ts. */
  readonly operation: string;
  readonly subject: string;
  /** Of the key table. */
  readonly row: string;
  readonly times: number;
  /** UTC ms. */
  readonly first: number;
  readonly last: number;
  readonly at: number;
}

/** The key service's record is not whole, not as it was written, or ends where the service went on. */
export interface KeyRecordDoubted {
  readonly fault: 'missing' | 'altered' | 'broken-off';
  /** Where, UTC ms. */
  readonly from: number;
  readonly until: number;
  readonly at: number;
}

/** The day is done. Counts of calls of the key service, but for the last two: findings, in this stream. */
export interface AccessReconciled {
  /** UTC date. */
  readonly day: string;
  /** Where the record stood at the end of the day: what the next has to continue. */
  readonly end: string;
  readonly calls: number;
  /** Of these, such as opened a subject's key. */
  readonly openings: number;
  /** Of these, by the auditor, who checks tags and shows nothing. */
  readonly verified: number;
  /** Of these, such as nobody had asked for (`verification/`); absent where that was not looked at yet. */
  readonly unasked?: number;
  /** Such as would have, and were refused. */
  readonly refused: number;
  readonly unexplained: number;
  readonly doubts: number;
  readonly at: number;
}
