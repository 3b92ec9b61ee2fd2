import { JoulekeepError, type MeterClass } from '../../events/index.ts';
import { DISCLOSURE_POLICY, type DisclosurePolicy, finestStep, policyInForce, RESEARCH_STEPS } from './policy.ts';

/** Meters of the grid are nobody's. */
export type CustomerClass = Exclude<MeterClass, 'grid'>;

/** A customer as the gate sees one: without a name. */
export interface Customer {
  readonly class: CustomerClass;
  /** Energy of the last 12 months, as expected where they are not over; Wh. */
  readonly annualWh: number;
}

/** How a set of customers is made up: all the gate asks about it. */
export interface Composition {
  readonly residential: number;
  readonly others: number;
  /** Energy of the largest customer of any class, 12 months, Wh. */
  readonly largestWh: number;
  /** Energy of all, 12 months, Wh. */
  readonly totalWh: number;
  /** Others who are in the set and counted in another one; absent = none. */
  readonly othersElsewhere?: number;
}

export const NOBODY: Composition = Object.freeze({ residential: 0, others: 0, largestWh: 0, totalWh: 0 });

/** @throws ERR_ANNUAL_ENERGY unless each is a whole number of Wh from 0 on */
export function compositionOf(customers: Iterable<Customer>): Composition {
  let { residential, others, largestWh, totalWh } = NOBODY;
  for (const { class: kind, annualWh } of customers) {
    if (!Number.isSafeInteger(annualWh) || annualWh < 0)
      throw new JoulekeepError('ERR_ANNUAL_ENERGY', `a customer's 12 months are ${annualWh} Wh`);
    if (kind === 'residential') residential++;
    else others++;
    largestWh = Math.max(largestWh, annualWh);
    totalWh += annualWh;
  }
  return { residential, others, largestWh, totalWh };
}

/** Sets that have nobody in common, as one. What passes the gate apart passes together. */
export function together(sets: Iterable<Composition>): Composition {
  let { residential, others, largestWh, totalWh } = NOBODY;
  let othersElsewhere = 0;
  for (const set of sets) {
    residential += set.residential;
    others += set.others;
    othersElsewhere += set.othersElsewhere ?? 0;
    largestWh = Math.max(largestWh, set.largestWh);
    totalWh += set.totalWh;
  }
  return { residential, others, largestWh, totalWh, ...(othersElsewhere > 0 ? { othersElsewhere } : {}) };
}

/** Whether nobody in the set is anything but a residential customer. */
export function isHomesOnly({ others, othersElsewhere = 0 }: Composition): boolean {
  return others === 0 && othersElsewhere === 0;
}

export function customersIn({ residential, others }: Composition): number {
  return residential + others;
}

/** A number of customers of whom nothing else is known: none is taken for more than a residential one. */
export function homes(count: number): Composition {
  return { ...NOBODY, residential: count };
}

/** Whether energy of these customers together may be told. */
export interface DisclosureGate {
  passes(set: Composition): boolean;
  /** Whether so many values of the set make up a cell. */
  passesRead(set: Composition, received: number): boolean;
  /** Finest step at which a product that is not geographic may tell the set, minutes; undefined = not at all. */
  finestStep(set: Composition): number | undefined;
}

/**
 * At least 100 residential customers or 15 others, and nobody above 15 % of the energy of 12 months.
 * @param on off, everything passes: to see what the gate holds back
 * @throws ERR_POLICY_WEAKENED for thresholds below those in force
 * @source X.1332 9.4, 10.4
 */
export function disclosureGate(on = true, policy: DisclosurePolicy = DISCLOSURE_POLICY): DisclosureGate {
  if (!on) return { passes: () => true, passesRead: () => true, finestStep: () => RESEARCH_STEPS[0]!.minutes };
  const thresholds = policyInForce(policy);
  return {
    passes: (set) => enough(set, thresholds) && !dominated(set, thresholds),
    passesRead: (set, received) => received * 100 >= fewest(set, thresholds) * thresholds.readPercent,
    finestStep: (set) => (enough(set, thresholds) && !dominated(set, thresholds) ? finestStep(customersIn(set)) : undefined),
  };
}

function enough({ residential, others }: Composition, policy: DisclosurePolicy): boolean {
  return residential >= policy.residential || others >= policy.others;
}

function dominated({ largestWh, totalWh }: Composition, { largestPercent }: DisclosurePolicy): boolean {
  return largestWh * 100 > totalWh * largestPercent;
}

/** Values that the set would have if it were just large enough. */
function fewest({ residential }: Composition, policy: DisclosurePolicy): number {
  return residential >= policy.residential ? policy.residential : residential + policy.others;
}
