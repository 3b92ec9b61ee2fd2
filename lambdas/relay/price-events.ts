import { CUSTOMER_TYPE, type CustomerDemandResponse, type CustomerPrice } from '../../events/catalogue/customer.ts';
import type { CloudEvent } from '../../events/catalogue/entry.ts';
import { factEvent, type RelayMapping } from './mapping.ts';

/** Prices and tariffs as they were signed. */
export const PRICES: RelayMapping = {
  audience: 'customer',
  streams: 'price/',
  opensSubjects: false,
  told: async (record, commits) => {
    const { stream, version, events } = await commits.itself(record);
    const told: CloudEvent<CustomerPrice>[] = [];
    for (const [i, { type, data }] of events.entries()) {
      if (type !== 'DayAheadPublished' && type !== 'PricePublished') continue;
      const { zone, seq, start, exp } = data.claims;
      const price: CustomerPrice = { zone, seq, from: start * 1000, until: exp * 1000, jws: data.jws };
      const named = type === 'PricePublished' ? CUSTOMER_TYPE.price : CUSTOMER_TYPE.dayAhead;
      told.push(factEvent({ stream, version: version + i }, { type: named, subject: zone, at: data.at, data: price }));
    }
    return told;
  },
};

export const DEMAND_RESPONSE: RelayMapping = {
  audience: 'customer',
  streams: 'demand-response/',
  opensSubjects: false,
  told: async (record, commits) => {
    const { stream, version, events } = await commits.itself(record);
    const told: CloudEvent<CustomerDemandResponse>[] = [];
    for (const [i, { type, data }] of events.entries()) {
      if (type !== 'DemandResponsePublished') continue;
      const { program, seq, event } = data.claims;
      const wish: CustomerDemandResponse = { program, seq, event: event.id, jws: data.jws };
      const named = { type: CUSTOMER_TYPE.demandResponse, subject: program, at: data.at, data: wish };
      told.push(factEvent({ stream, version: version + i }, named));
    }
    return told;
  },
};
