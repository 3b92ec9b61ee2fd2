import { BILLING_EVENTS } from './billing.ts';
import type { CatalogueEntry } from './entry.ts';

/** Every integration event there is. Delivery and docs/events.md are made from this list. */
export const CATALOGUE: readonly CatalogueEntry[] = [...BILLING_EVENTS];
