/** How long what is recorded is kept, and what happens then. Plain data: the duties read it, docs and infrastructure as well. */

export interface RetentionClass {
  readonly name: 'telemetry' | 'meter-days' | 'bills' | 'quarantine' | 'relays' | 'access' | 'prices';
  /** Streams or objects it is about. */
  readonly of: string;
  /** Kept at least so long where it was written; `by law` = until a person decides. */
  readonly kept: { readonly days: number } | { readonly months: number } | { readonly years: number } | 'by law';
  readonly afterwards: 'deleted-behind-checkpoint' | 'archived' | 'deleted' | 'kept';
  /** The duty that does it; absent while nothing does. */
  readonly enforcedBy?: 'retention' | 'segment-keys';
}

export const TELEMETRY_DAYS = 28;
/** Whole calendar months that stay hot behind the one a day lies in. */
export const METER_DAY_MONTHS = 13;

/** Telemetry of bad frames lies in the segment or relay stream that refused them. */
export const RETENTION: readonly RetentionClass[] = [
  { name: 'telemetry', of: 'segment/', kept: { days: TELEMETRY_DAYS }, afterwards: 'deleted-behind-checkpoint', enforcedBy: 'retention' },
  { name: 'meter-days', of: 'meterday/', kept: { months: METER_DAY_MONTHS }, afterwards: 'archived', enforcedBy: 'retention' },
  { name: 'bills', of: 'bill/', kept: 'by law', afterwards: 'kept' },
  { name: 'quarantine', of: 'quarantine/', kept: { days: 45 }, afterwards: 'deleted' },
  { name: 'relays', of: 'relay/', kept: { months: 13 }, afterwards: 'deleted-behind-checkpoint' },
  { name: 'access', of: 'access/', kept: { years: 7 }, afterwards: 'deleted' },
  { name: 'prices', of: 'tariff/', kept: { years: 3 }, afterwards: 'kept' },
];
