import { z } from 'zod';
import type { CatalogueEntry, CloudEvent } from './entry.ts';
import { feedGrewEntry } from './feed-grew.ts';

/**
 * What billing is told of a day: that it stands and where it is written. No energy: a queue isn't sealed under the
 * subject's key, so billing opens the day itself, under its own name and purpose.
 */
export const BILLING_DAY = z.strictObject({
  usagePoint: z.string().min(1).describe('usage point whose bill the day belongs to'),
  account: z.string().min(1).describe('account id, or `utility` where nobody is the tenant'),
  meterId: z.string().min(1).describe('meter of the day; a day with a meter exchange has two'),
  day: z.iso.date().describe('local date'),
  part: z.int().min(1).describe('1, or more where a tenancy cut divides the day'),
  revision: z.int().min(1).describe('outcome of the day, dense from 1: an older one never replaces a newer'),
  held: z.boolean().describe('readings contradict each other: not billable as it is'),
  stream: z.string().min(1).describe('where the day is written'),
  version: z.int().min(0).describe('version of the fact in that stream'),
});

/** What billing is told of a day that a corrected tenancy gave to somebody else, or divided otherwise. */
export const BILLING_MOVE = BILLING_DAY.omit({ revision: true, held: true }).extend({
  account: z.string().min(1).describe('whose the day is now: account id or `utility`'),
  former: z.string().min(1).optional().describe('whose it was; absent for a part that the correction made'),
});

/** What the billing feed is told of a bill: that something was recorded of it. What, it reads under its own name. */
export const BILL_RECORDED = z.strictObject({
  account: z.string().min(1).describe('account id'),
  usagePoint: z.string().min(1).describe('usage point of the bill'),
  from: z.iso.date().describe('first local date of the period'),
  stream: z.string().min(1).describe('where the bill is written'),
  version: z.int().min(0).describe('version of the first fact of that commit'),
});

export type BillingDay = z.infer<typeof BILLING_DAY>;
export type BillingMove = z.infer<typeof BILLING_MOVE>;

export type BillRecorded = z.infer<typeof BILL_RECORDED>;

export type BillingEvent = CloudEvent<BillingDay> | CloudEvent<BillingMove>;

/** Queue that delivers to billing. */
const BILLING_QUEUE = 'billing';
/** Queue of bills that wait for their place in the billing feed. */
const BILLING_FEED_QUEUE = 'billing-feed';
/** Queue that wakes the push to the utility's billing system. */
const BILLING_SYSTEM_QUEUE = 'billing-system';

/** Types as a consumer meets them in `type`. */
export const BILLING_TYPE = {
  finalized: 'joulekeep.billing.day-finalized.v1',
  restated: 'joulekeep.billing.day-restated.v1',
  moved: 'joulekeep.billing.day-moved.v1',
  billRecorded: 'joulekeep.billing.bill-recorded.v1',
} as const;

const DELIVERY = { audience: 'billing', queue: BILLING_QUEUE, ordered: 'usage point' } as const;

export const BILLING_EVENTS: readonly CatalogueEntry[] = [
  { ...DELIVERY, type: BILLING_TYPE.finalized, data: BILLING_DAY, says: 'A day of a meter is final: bills may stand on it.' },
  { ...DELIVERY, type: BILLING_TYPE.restated, data: BILLING_DAY, says: 'A final day changed its energy: the whole period is rated again.' },
  {
    ...DELIVERY,
    type: BILLING_TYPE.moved,
    data: BILLING_MOVE,
    says: 'A corrected tenancy moved a day or divided it: the periods of everybody whose it was or is are rated again.',
  },
  {
    audience: 'billing',
    queue: BILLING_FEED_QUEUE,
    ordered: 'account',
    type: BILLING_TYPE.billRecorded,
    data: BILL_RECORDED,
    says: 'Something was recorded of a bill: it was held, computed or rated again.',
  },
  feedGrewEntry('billing', BILLING_SYSTEM_QUEUE),
];
