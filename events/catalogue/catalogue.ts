import { BILLING_EVENTS } from './billing.ts';
import { CUSTOMER_EVENTS } from './customer.ts';
import type { CatalogueEntry } from './entry.ts';
import { OPERATOR_EVENTS } from './operator.ts';
import { THIRD_PARTY_EVENTS } from './third-party.ts';

/** Every integration event there is. Delivery and docs/events.md are made from this list. */
export const CATALOGUE: readonly CatalogueEntry[] = [...OPERATOR_EVENTS, ...BILLING_EVENTS, ...THIRD_PARTY_EVENTS, ...CUSTOMER_EVENTS];
