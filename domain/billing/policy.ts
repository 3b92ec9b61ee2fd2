import type { MeterClass } from '../../events/index.ts';

/** When a bill is held, for how long, and how far back it may reach. */
export interface BillingPolicy {
  /** A bill whose estimated share is above this is held, parts per thousand. */
  readonly estimatedPerMilleMost: number;
  /** After so many days a held bill goes out on estimates, marked. */
  readonly holdDays: number;
  /** Energy used longer ago than this is not charged any more. */
  readonly backBillingMonths: number;
}

const DEFAULTS: BillingPolicy = { estimatedPerMilleMost: 200, holdDays: 30, backBillingMonths: 12 };

export const BILLING_POLICY: Readonly<Record<MeterClass, BillingPolicy>> = {
  residential: DEFAULTS,
  commercial: DEFAULTS,
  grid: DEFAULTS,
};
