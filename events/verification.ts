/** Facts of stream `verification/<yyyy-mm-dd>` (UTC): who said, before anything was opened for it, that they would verify. @source X.1332 10.1 */
export type VerificationEvent = { readonly type: 'VerificationRequested'; readonly data: VerificationRequested };

/** Whoever verifies opens keys of every customer, may write nothing, and is held against this, which another principal wrote. */
export interface VerificationRequested {
  readonly person: string;
  /** Up to when it covers what the auditor opens, UTC ms. */
  readonly until: number;
  readonly at: number;
}
