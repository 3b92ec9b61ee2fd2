/** How long what is recorded is kept, and what happens then. Plain data: the duties read it, docs and infrastructure as well. */

export interface RetentionClass {
  readonly name:
    | 'telemetry'
    | 'meter-days'
    | 'bills'
    | 'quarantine'
    | 'relays'
    | 'access'
    | 'prices'
    | 'consents'
    | 'forecast-models'
    | 'audits'
    | 'verifications'
    | 'sign-ins';
  /** Streams or objects it is about. */
  readonly of: string;
  /** Kept at least so long where it was written; `by law` = until a person decides. */
  readonly kept: { readonly days: number } | { readonly months: number } | { readonly years: number } | 'by law';
  readonly afterwards: 'deleted-behind-checkpoint' | 'archived' | 'deleted' | 'keys-destroyed' | 'kept';
  /**
   * The duty that does it. `append-only`: nothing has to be done, and nothing can be: what is kept for good lies where no function
   * deletes, and retention asks for none of it.
   */
  readonly enforcedBy: 'retention' | 'append-only';
}

export const TELEMETRY_DAYS = 28;
/** Whole calendar months that stay hot behind the one a day lies in. */
export const METER_DAY_MONTHS = 13;
/** Whole calendar months that are kept of a concentrator behind the current one. */
export const RELAY_MONTHS = 13;
export const ACCESS_YEARS = 7;
/** Whole calendar months (UTC) that it can be read who signed in, behind the current one. */
export const SIGN_IN_MONTHS = 13;
export const QUARANTINE_DAYS = 45;
/** Behind the last forecast that a model can have made. */
export const FORECAST_MODEL_DAYS = 400;
/** The key service's own record; the key service keeps it, and lets go of it. */
export const KMS_RECORD_DAYS = 400;

/** Telemetry of bad frames lies in the segment or relay stream that refused them. */
export const RETENTION: readonly RetentionClass[] = [
  { name: 'telemetry', of: 'segment/', kept: { days: TELEMETRY_DAYS }, afterwards: 'deleted-behind-checkpoint', enforcedBy: 'retention' },
  { name: 'meter-days', of: 'meterday/', kept: { months: METER_DAY_MONTHS }, afterwards: 'archived', enforcedBy: 'retention' },
  { name: 'bills', of: 'bill/', kept: 'by law', afterwards: 'kept', enforcedBy: 'append-only' },
  { name: 'quarantine', of: 'quarantine/', kept: { days: QUARANTINE_DAYS }, afterwards: 'deleted', enforcedBy: 'retention' },
  { name: 'relays', of: 'relay/', kept: { months: RELAY_MONTHS }, afterwards: 'deleted-behind-checkpoint', enforcedBy: 'retention' },
  { name: 'access', of: 'access/', kept: { years: ACCESS_YEARS }, afterwards: 'deleted-behind-checkpoint', enforcedBy: 'retention' },
  {
    name: 'forecast-models',
    of: 'forecast-models/',
    kept: { days: FORECAST_MODEL_DAYS },
    afterwards: 'deleted',
    enforcedBy: 'retention',
  },
  // What was recorded keeps its place in the chain, and nobody reads it any more.
  { name: 'sign-ins', of: 'sign-in/', kept: { months: SIGN_IN_MONTHS }, afterwards: 'keys-destroyed', enforcedBy: 'retention' },
  { name: 'audits', of: 'audit/', kept: { years: ACCESS_YEARS }, afterwards: 'kept', enforcedBy: 'append-only' },
  { name: 'verifications', of: 'verification/', kept: { years: ACCESS_YEARS }, afterwards: 'kept', enforcedBy: 'append-only' },
  // What a customer agreed to, and who got data by it, is the customer's proof.
  { name: 'consents', of: 'consent/', kept: { years: ACCESS_YEARS }, afterwards: 'kept', enforcedBy: 'append-only' },
  { name: 'prices', of: 'tariff/', kept: { years: 3 }, afterwards: 'kept', enforcedBy: 'append-only' },
];
