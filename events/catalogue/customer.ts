import { z } from 'zod';
import type { CatalogueEntry, CloudEvent } from './entry.ts';
import { feedGrewEntry } from './feed-grew.ts';

/** Queue that delivers to customers' displays and portal. */
const CUSTOMER_QUEUE = 'customer';

/** What a customer is told of a bill: that it is there. Its amounts are shown to whoever has signed in. */
export const CUSTOMER_BILL = z.strictObject({
  account: z.string().min(1).describe('account id'),
  usagePoint: z.string().min(1).describe('usage point of the bill'),
  from: z.iso.date().describe('first local date of the period'),
  revision: z.int().min(1).describe('of the bill, dense from 1: an older one never replaces a newer'),
});

export type CustomerBill = z.infer<typeof CUSTOMER_BILL>;
export type CustomerBillEvent = CloudEvent<CustomerBill>;

/** Types as a consumer meets them in `type`. */
export const CUSTOMER_TYPE = { bill: 'joulekeep.customer.bill-issued.v1' } as const;

const DELIVERY = { audience: 'customer', queue: CUSTOMER_QUEUE } as const;

/** What customers and their devices are told. @source X.1332 8.3, 9.2 */
export const CUSTOMER_EVENTS: readonly CatalogueEntry[] = [
  { ...DELIVERY, type: CUSTOMER_TYPE.bill, ordered: 'account', data: CUSTOMER_BILL, says: 'A bill went out, or was rated again.' },
  feedGrewEntry('customer', CUSTOMER_QUEUE),
];
