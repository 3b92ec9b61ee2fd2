import { METER_DAY_MONTHS, QUARANTINE_DAYS, SIGN_IN_MONTHS, TELEMETRY_DAYS } from './retention.ts';

/**
 * The life of personal data, class by class: collect, use, share, retain, erase. The clocks of an erasure are here and nowhere else;
 * docs/privacy.md shows the table. @source X.1332 10.3
 */
export interface PersonalClass {
  readonly name: string;
  /** Where it lies. */
  readonly of: string;
  readonly collected: string;
  readonly usedFor: string;
  readonly sharedWith: string;
  readonly kept: string;
  /** What ends it. */
  readonly erasedBy: string;
  /** From what its last days count when its customer is erased, and how many they are; absent: it holds nothing of anybody when the keys are gone. */
  readonly lingers?: { readonly since: 'tenancy-end' | 'usage-destroyed' | 'billing-destroyed'; readonly days: number };
}

/** Until then whoever asked for an erasure, or somebody in their name, can think again. */
export const ERASURE_GRACE_DAYS = 7;
/** Readings come for 45 days after they were measured, and the last month is billed and corrected of them. */
export const LAST_BILL_DAYS = 60;
/** Bills are kept so long behind the year in which the last of them went out, by commercial and tax law. */
export const BILL_YEARS = 10;
/** Copies of tables and old versions of objects. */
const BACKUP_DAYS = 35;
/** What was taken back or away is kept so long where no restore reaches it: longer than a consent lasts, and than anybody keeps a backup that is put back. */
export const KEPT_WORD_DAYS = 400;

/** A reading comes at the latest then. */
const SPOOL_DAYS = 45;
/** A row seals a segment's commits for 28 days, a day more where two writers met, and goes by a daily run. */
const SEGMENT_ROW_DAYS = 28 + 1 + 3;
const DEAD_LETTER_DAYS = 14;

export const PERSONAL_DATA: readonly PersonalClass[] = [
  {
    name: 'telemetry',
    of: '`segment/`, bodies of checkpoints, pages of today',
    collected: 'sealed frames of the meter',
    usedFor: 'days, today in the portal, sums of areas',
    sharedWith: 'nobody',
    kept: `${TELEMETRY_DAYS} days`,
    erasedBy: 'its clock and the death of the segment’s key',
    // Every reading has come before the keys of the days go.
    lingers: { since: 'usage-destroyed', days: TELEMETRY_DAYS + SEGMENT_ROW_DAYS },
  },
  {
    name: 'days',
    of: '`meterday/`, archives, `day-usage`, `day-summaries`',
    collected: 'from telemetry, when the day is closed',
    usedFor: 'bills, portal, settlement',
    sharedWith: 'third parties by consent, as hours, days or months',
    kept: `${METER_DAY_MONTHS} months hot, then archived`,
    erasedBy: 'destruction of the rows `usage/<subject>/`',
    lingers: { since: 'usage-destroyed', days: 1 },
  },
  {
    name: 'bills',
    of: '`bill/`, items of the billing feed',
    collected: 'rated from days',
    usedFor: 'billing, portal',
    sharedWith: 'the utility’s billing system; third parties by consent',
    kept: `by law, ${BILL_YEARS} years behind the year of the last`,
    erasedBy: 'destruction of the rows `billing/<subject>/`',
    lingers: { since: 'billing-destroyed', days: 1 },
  },
  {
    name: 'quarantine',
    of: '`quarantine/`',
    collected: 'bytes that were refused',
    usedFor: 'finding faults and attacks',
    sharedWith: 'nobody',
    kept: `${QUARANTINE_DAYS} days`,
    erasedBy: 'its clock; the epoch’s key is gone before',
    lingers: { since: 'tenancy-end', days: SPOOL_DAYS + QUARANTINE_DAYS + BACKUP_DAYS },
  },
  {
    name: 'queues',
    of: 'queues and dead letters',
    collected: 'positions and ids; sealed frames on their way in',
    usedFor: 'delivery',
    sharedWith: 'nobody',
    kept: `at most ${DEAD_LETTER_DAYS} days`,
    erasedBy: 'its clock',
    lingers: { since: 'usage-destroyed', days: DEAD_LETTER_DAYS },
  },
  {
    name: 'backups',
    of: 'copies of tables, old versions of objects',
    collected: 'what lies in the store, sealed; never keys',
    usedFor: 'putting the store back',
    sharedWith: 'nobody',
    kept: `${BACKUP_DAYS} days`,
    erasedBy: 'the keys are gone at once; the copies by their clock',
    lingers: { since: 'usage-destroyed', days: BACKUP_DAYS },
  },
  {
    name: 'sign-in',
    of: '`sign-in/`, sessions, tokens, identity provider',
    collected: 'from the customer',
    usedFor: 'letting the customer in, showing the customer who came in',
    sharedWith: 'nobody',
    kept: `sessions 12 hours; who signed in ${SIGN_IN_MONTHS} months; the sign-in until it is removed`,
    erasedBy: 'removal, and destruction of the rows `sign-in/<month>/customer.<account>/`, before the first key goes',
  },
  {
    name: 'consents',
    of: '`consent/`, `access/`, `audit/`, `accesses`, `erasure/`',
    collected: 'from customers and recipients; no value of a reading',
    usedFor: 'showing who got what, and why',
    sharedWith: 'the customer',
    kept: '7 years',
    erasedBy: 'stays: the account’s id names nobody when the customer system has erased its side',
  },
  {
    name: 'words',
    of: 'rows `kept/` of the key table',
    collected: 'from customers, from people who place holds, from whoever ends what third parties may, or cuts a device off',
    usedFor: 'saying again after a restore what was taken back, taken away or asked for',
    sharedWith: 'nobody',
    kept: `${KEPT_WORD_DAYS} days`,
    erasedBy: 'its clock; the account’s id names nobody, as above',
  },
  {
    name: 'register',
    of: '`account/`, `usagepoint/`, directory',
    collected: 'from the utility; registers that were read at moves',
    usedFor: 'whose a day is',
    sharedWith: 'the customer, in the proof of a bill: what is of the customer and of the customer’s own time',
    kept: 'as long as the usage point',
    erasedBy: 'stays, as above',
  },
  {
    name: 'sums',
    of: '`area/`, `forecast/`, models, `release/`, tables',
    collected: 'sums that passed the disclosure gate',
    usedFor: 'the grid, research',
    sharedWith: 'grid operator, researchers, everybody',
    kept: '3 years and more',
    erasedBy: 'stays: nobody’s share can be told from it (ADR 44, 45)',
  },
];

/** What an erasure waits for when everything that can be done is done. */
export const LINGERING = PERSONAL_DATA.flatMap(({ name, lingers }) => (lingers === undefined ? [] : [{ what: name, ...lingers }]));
