import type { BillingPolicy } from '../../domain/billing/policy.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import type { MeterClass } from '../../events/index.ts';

/** What the usage point's VEE policy says of bills, in whole numbers. */
export function billingPolicy(meterClass: MeterClass): BillingPolicy {
  const { estimatedShare, holdDays, backBillingMonths } = VEE_POLICIES[meterClass].billing;
  return { estimatedPerMilleMost: Math.round(estimatedShare * 1000), holdDays, backBillingMonths };
}
