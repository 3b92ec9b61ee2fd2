import type { PeriodUse } from '../period-use.ts';
import type { VeePolicy } from '../policy.ts';

/** V18: the period's largest slot against the previous period's. @returns whether it is above the share */
export function maximumOutOfBounds(period: PeriodUse, { validation }: VeePolicy): boolean {
  return period.previousMaximumWh >= 0 && period.maximumWh > validation.maximumShare * period.previousMaximumWh;
}
