import { CUSTOMER_TYPE, type CustomerBill, type CustomerBillEvent } from '../../events/catalogue/customer.ts';
import { BILLS_FEED } from '../shared/feeds/feed-names.ts';
import { feedMapping } from './feed-events.ts';
import { factEvent, type RelayMapping } from './mapping.ts';
import { DEMAND_RESPONSE, PRICES } from './price-events.ts';

/** A bill is the customer's to know of once it has its place in the feed to the utility's billing system. */
const BILLS: RelayMapping = {
  audience: 'customer',
  streams: `feed/${BILLS_FEED}`,
  opensSubjects: false,
  told: async (record, commits) => {
    const { stream, version, events } = await commits.itself(record);
    const told: CustomerBillEvent[] = [];
    for (const [i, { type, data }] of events.entries()) {
      if (type !== 'FeedItemIssued' || data.bill === undefined) continue;
      const { account, usagePoint, from, revision } = data.bill;
      const bill: CustomerBill = { account, usagePoint, from, revision };
      told.push(factEvent({ stream, version: version + i }, { type: CUSTOMER_TYPE.bill, subject: account, at: data.at, data: bill }));
    }
    return told;
  },
};

/** What customers and their devices are told. @source X.1332 9.2 */
export const CUSTOMER_MAPPINGS: readonly RelayMapping[] = [BILLS, feedMapping('customer'), PRICES, DEMAND_RESPONSE];
