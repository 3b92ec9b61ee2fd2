import * as z from 'zod';
import { Cursor, Instant, LocalDate } from './common.ts';
import { MoneyMicro } from './customer-usage.ts';

export const Customer = z.object({ account: z.string(), points: z.int() });
export type Customer = z.infer<typeof Customer>;

/** The billing period that is going on. */
export const BillEstimate = z.object({
  usagePoint: z.string(),
  zone: z.string(),
  currency: z.string(),
  from: LocalDate,
  until: LocalDate,
  /** Whole days of the period that are closed, of how many it has. */
  daysKnown: z.int(),
  days: z.int(),
  /** Of the days that are closed, those with an estimate in them. */
  daysEstimated: z.int(),
  /** Of the intervals of days that are due by now, those that were read or that a person decided, in basis points: an estimate is no reading. */
  coverageBasisPoints: z.int(),
  /** `nothing` below 75 % of the readings, `energy` below 95 %, else `money`. */
  shows: z.enum(['nothing', 'energy', 'money']),
  toDate: z.object({ importWh: z.int(), amountMicro: MoneyMicro.nullable() }).nullable(),
  expected: z
    .object({ importWh: z.int(), amountMicro: MoneyMicro.nullable(), lowMicro: MoneyMicro.nullable(), highMicro: MoneyMicro.nullable() })
    .nullable(),
  /** Mean of the bills of the last twelve months that are as long as this period, within a tenth; null = none. */
  typicalMicro: MoneyMicro.nullable(),
  /** How the amount to date comes about. */
  lines: z.array(z.object({ code: z.string(), text: z.string(), amountMicro: MoneyMicro })),
});
export type BillEstimate = z.infer<typeof BillEstimate>;

const BillHead = z.object({
  bill: z.string(),
  usagePoint: z.string(),
  from: LocalDate,
  until: LocalDate,
  currency: z.string(),
  totalMicro: MoneyMicro,
  importWh: z.int(),
  estimatedBasisPoints: z.int(),
  revision: z.int(),
  issuedAt: Instant,
});

export const BillList = z.object({ bills: z.array(BillHead) });
export type BillList = z.infer<typeof BillList>;
export const BillPath = z.strictObject({ bill: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/) });
export const CustomerBill = z.object({
  ...BillHead.shape,
  /** `code` for programs and translations, e.g. `energy/peak`; `text` says it in English. */
  lines: z.array(z.object({ code: z.string(), text: z.string(), quantity: z.string().nullable(), amountMicro: MoneyMicro })),
  /**
   * The bill as the utility signed it, compact JWS of type `joulekeep-billing-feed+jws`: account, period, lines, total, revision. Null until it has its
   * place in the billing feed, some seconds after it went out.
   */
  signed: z.string().nullable(),
});
export type CustomerBill = z.infer<typeof CustomerBill>;

const DataClass = z.enum(['usage', 'generation', 'bills']);
const Resolution = z.enum(['month', 'day', 'hour', 'interval']);
const Purpose = z.enum(['bill-check', 'efficiency', 'load-shifting', 'research']);

const Recipient = z.object({ id: z.string(), name: z.string() });

/** To whom, what, and for how long; of what is asked for as of what is allowed. */
const SHARED_SCOPE = {
  recipient: Recipient,
  purpose: Purpose,
  purposeText: z.string(),
  dataClasses: z.array(DataClass),
  resolution: Resolution,
  from: Instant,
  until: Instant,
  expiresAt: Instant,
};

/** What the customer allows, and allowed. */
export const SharingList = z.object({
  sharing: z.array(
    z.object({
      consent: z.string(),
      ...SHARED_SCOPE,
      status: z.enum(['granted', 'revoked', 'expired']),
      grantedAt: Instant,
      endedAt: Instant.nullable(),
      lastAccessAt: Instant.nullable(),
      accesses: z.int(),
    }),
  ),
});
export type SharingList = z.infer<typeof SharingList>;

export const SharingPath = z.strictObject({ consent: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/) });

/** Deliveries of one consent, newest first. */
export const SharingHistory = z.object({
  consent: z.string(),
  deliveries: z.array(
    z.object({
      at: Instant,
      outcome: z.enum(['disclosed', 'refused']),
      dataClasses: z.array(DataClass),
      resolution: Resolution.nullable(),
      from: Instant.nullable(),
      until: Instant.nullable(),
      rows: z.int().nullable(),
      /** SHA-256 of what left, hex. */
      hash: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
});
export type SharingHistory = z.infer<typeof SharingHistory>;

/** Proof for the customer: the event that ended the consent. */
export const SharingReceipt = z.object({
  consent: z.string(),
  recipient: Recipient,
  endedAt: Instant,
  /** Stream version and hash of the commit. */
  version: z.int(),
  hash: z.string(),
});
export type SharingReceipt = z.infer<typeof SharingReceipt>;

/** How the end of the customer's data stands. */
export const Erasure = z.object({
  status: z.enum(['none', 'requested', 'access-ending', 'access-ended', 'keys-destroyed', 'cleared', 'erased', 'complete']),
  requestedAt: Instant.nullable(),
  /** Until then it can be taken back. */
  notBefore: Instant.nullable(),
  /** A law wants everything kept for now. */
  held: z.boolean(),
  /** What law or contract keeps for longer, and until when where that is known. */
  kept: z.array(z.object({ class: z.enum(['usage', 'billing']), legalBasis: z.string(), until: Instant.nullable() })),
  /** What is still somewhere, and until when. */
  remaining: z.array(z.object({ what: z.string(), until: Instant })),
  /** When the last of it is gone, where that is known. */
  completeAt: Instant.nullable(),
  /** Why nothing more ends at the moment: a hold, a contract, the time to think again, or what contract and law keep. Null where nothing keeps it. */
  waitsFor: z.enum(['hold', 'tenancy', 'grace', 'law']).nullable(),
  /** By when; of a status `none`, by when a request of this moment would. */
  outlook: z.object({
    /** A contract lasts: nothing ends before it, and the instants here are those if it ended now. */
    tenancyLasts: z.boolean(),
    /** Until then it can be taken back in any case. */
    notBefore: Instant,
    /** At the earliest the readings end then. */
    usageUntil: Instant,
    /** Until then bills are kept; null where there are none. */
    billsUntil: Instant.nullable(),
  }),
  /** Where the newest request, or that it was taken back, is on record: version and hash of the commit. Null where nobody ever asked. */
  receipt: z.object({ of: z.enum(['requested', 'withdrawn']), at: Instant, version: z.int(), hash: z.string() }).nullable(),
});
export type Erasure = z.infer<typeof Erasure>;

/**
 * Who opened the customer's data, newest first: staff and the service itself. Not the customer's own looks, and third parties by their consents
 * apart. A cursor where there are more.
 */
export const AccessList = z.object({
  accesses: z.array(
    z.object({
      at: Instant,
      /** Function that opened it, e.g. `billing`. */
      by: z.string(),
      person: z.string().nullable(),
      /** `unexplained`: the key was opened, and nobody wrote down that they would; the window is that of the key. */
      purpose: z.string(),
      from: Instant,
      until: Instant,
    }),
  ),
  cursor: z.string().optional(),
});
export type AccessList = z.infer<typeof AccessList>;
/** Local dates, `until` not included; default the last 31 days. What is older than seven years is not kept. The cursor of a page asks for the next one of the same window. */
export const AccessQuery = z.strictObject({ from: LocalDate.optional(), until: LocalDate.optional(), cursor: Cursor.optional() });

/** What a third party asks a signed-in customer for. */
export const ConsentRequest = z.object({
  uid: z.string(),
  ...SHARED_SCOPE,
  /** Kinds of data that are not asked for, and so not shared. */
  notShared: z.array(DataClass),
  /** SHA-256 of the text that the answer agrees to, hex. */
  textHash: z.string(),
  /** Origin the browser goes to after the answer. */
  returnsTo: z.string(),
});
export type ConsentRequest = z.infer<typeof ConsentRequest>;

/** No is as good an answer as yes. A yes names the classes that were ticked, and how long it lasts. */
export const ConsentAnswer = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('deny') }),
  z.strictObject({
    decision: z.literal('allow'),
    textHash: z.string().regex(/^[0-9a-f]{64}$/),
    dataClasses: z.array(DataClass).min(1).max(3),
    /** At most what was asked for, and 13 months. */
    days: z.int().min(1).max(396),
  }),
]);
export type ConsentAnswer = z.infer<typeof ConsentAnswer>;
/** Where the browser goes now. */
export const ConsentAnswered = z.object({ location: z.string() });
export type ConsentAnswered = z.infer<typeof ConsentAnswered>;
