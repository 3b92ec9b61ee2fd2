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

const SIGNED = z.string().min(1).describe('compact JWS; nothing of it is believed but by its signature, with a key listed for the purpose');

/** A signed price or tariff, for whoever shows it: the same for everybody. */
export const CUSTOMER_PRICE = z.strictObject({
  zone: z.string().min(1).describe('zone whose price it is'),
  seq: z.int().min(1).describe('place in its chain, dense from 1'),
  from: z.int().describe('UTC ms at which its first interval begins'),
  until: z.int().describe('UTC ms at which it ends'),
  jws: SIGNED,
});

/** A signed wish to use less; each home decides by its own limits. */
export const CUSTOMER_DEMAND_RESPONSE = z.strictObject({
  program: z.string().min(1).describe('program that homes joined'),
  seq: z.int().min(1).describe('place in its chain, dense from 1'),
  event: z.string().min(1).describe('id of the event; the same again replaces it'),
  jws: SIGNED,
});

export type CustomerPrice = z.infer<typeof CUSTOMER_PRICE>;
export type CustomerDemandResponse = z.infer<typeof CUSTOMER_DEMAND_RESPONSE>;

/** Types as a consumer meets them in `type`. */
export const CUSTOMER_TYPE = {
  bill: 'joulekeep.customer.bill-issued.v1',
  dayAhead: 'joulekeep.customer.day-ahead-published.v1',
  price: 'joulekeep.customer.price-published.v1',
  demandResponse: 'joulekeep.customer.demand-response-published.v1',
} as const;

const DELIVERY = { audience: 'customer', queue: CUSTOMER_QUEUE } as const;

/** What customers and their devices are told. @source X.1332 8.3, 9.2 */
export const CUSTOMER_EVENTS: readonly CatalogueEntry[] = [
  { ...DELIVERY, type: CUSTOMER_TYPE.bill, ordered: 'account', data: CUSTOMER_BILL, says: 'A bill went out, or was rated again.' },
  feedGrewEntry('customer', CUSTOMER_QUEUE),
  {
    ...DELIVERY,
    type: CUSTOMER_TYPE.dayAhead,
    ordered: 'zone',
    data: CUSTOMER_PRICE,
    says: 'A day of prices was signed, with the band that real-time prices stay in.',
  },
  { ...DELIVERY, type: CUSTOMER_TYPE.price, ordered: 'zone', data: CUSTOMER_PRICE, says: 'The price of an interval was signed.' },
  {
    ...DELIVERY,
    type: CUSTOMER_TYPE.demandResponse,
    ordered: 'program',
    data: CUSTOMER_DEMAND_RESPONSE,
    says: 'Homes of a program are asked to use less for a while.',
  },
];
