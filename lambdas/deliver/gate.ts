import type { Audience } from '../../events/catalogue/entry.ts';
import type { FeedItem } from '../shared/feeds/feed-items.ts';

/** Whether an item may still go to whom it was meant for. */
export type MayDeliver = (recipient: string, item: FeedItem) => Promise<'deliver' | { readonly drop: string }>;

/** Decided anew for every item, when it is about to leave. What may not leave is done with: nobody is asked to take it again. */
export type DeliveryGates = Readonly<Record<Audience, MayDeliver>>;

const BY_CONTRACT: MayDeliver = async () => 'deliver';
/** Until somebody who knows of consents says otherwise. */
const NOBODY: MayDeliver = async () => ({ drop: 'no-consent' });

/** Operator and billing system have a contract for all of their feed; to third parties goes what a consent covers, and so nothing by itself. */
export const CLOSED_GATES: DeliveryGates = { operator: BY_CONTRACT, billing: BY_CONTRACT, customer: BY_CONTRACT, 'third-party': NOBODY };
