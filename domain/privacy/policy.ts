import { JoulekeepError } from '../../events/index.ts';
import { isWeakened } from './weakening.ts';

/** What must be so before energy of several customers is told to anybody who is none of them. */
export interface DisclosurePolicy {
  /** So many residential customers are enough. */
  readonly residential: number;
  /** So many others are enough. */
  readonly others: number;
  /** Nobody has more than this share of the energy of 12 months, percent. */
  readonly largestPercent: number;
  /** A cell holds values of at least this share of either number, percent: an area of a hundred with three readings is no area. */
  readonly readPercent: number;
}

/** @source X.1332 9.4, 10.4; the 15/15 and 100 rules of California D.14-05-016 */
export const DISCLOSURE_POLICY: DisclosurePolicy = Object.freeze({ residential: 100, others: 15, largestPercent: 15, readPercent: 90 });

/**
 * The policy, if it is as strict as the one in force in every threshold.
 * @throws ERR_POLICY_WEAKENED for one that is not, unless domain/privacy/weakening.ts made it, which nothing that ships can
 */
export function policyInForce(policy: DisclosurePolicy): DisclosurePolicy {
  const { residential, others, largestPercent, readPercent } = DISCLOSURE_POLICY;
  const strict =
    policy.residential >= residential &&
    policy.others >= others &&
    policy.largestPercent <= largestPercent &&
    policy.readPercent >= readPercent;
  if (!strict && !isWeakened(policy)) throw new JoulekeepError('ERR_POLICY_WEAKENED', 'thresholds of disclosure can only be raised');
  return policy;
}

/** Steps at which a product that is not geographic may be told, finest first, and how many customers that takes. */
export const RESEARCH_STEPS: readonly { readonly minutes: number; readonly customers: number }[] = Object.freeze([
  Object.freeze({ minutes: 30, customers: 3_000 }),
  Object.freeze({ minutes: 60, customers: 1_500 }),
  Object.freeze({ minutes: 180, customers: 250 }),
  Object.freeze({ minutes: 360, customers: 100 }),
]);

/** Finest step for a cell of so many customers, minutes; undefined = none. */
export function finestStep(customers: number): number | undefined {
  return RESEARCH_STEPS.find((step) => customers >= step.customers)?.minutes;
}
