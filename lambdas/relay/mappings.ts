import { BILLING_MAPPINGS } from './billing-events.ts';
import { CUSTOMER_MAPPINGS } from './customer-events.ts';
import type { RelayMapping } from './mapping.ts';
import { OPERATOR_MAPPINGS } from './operator-events.ts';
import { THIRD_PARTY_MAPPINGS } from './third-party-events.ts';

/** One list per audience: what leaves for whom is in that audience's file and in its part of the catalogue. */
export const MAPPINGS: readonly RelayMapping[] = [...OPERATOR_MAPPINGS, ...BILLING_MAPPINGS, ...THIRD_PARTY_MAPPINGS, ...CUSTOMER_MAPPINGS];

export function mappingsOf(stream: string): readonly RelayMapping[] {
  return MAPPINGS.filter(({ streams }) => stream.startsWith(streams));
}
