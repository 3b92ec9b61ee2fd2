import type { PeriodUse } from '../period-use.ts';
import type { VeePolicy } from '../policy.ts';

/** V17: average daily use of the period against the same one last year, else the previous one. @returns whether it is out of bounds */
export function useOutOfBounds(period: PeriodUse, { validation }: VeePolicy): boolean {
  const compared = period.lastYearAverageDailyWh >= 0 ? period.lastYearAverageDailyWh : period.previousAverageDailyWh;
  if (compared < 0) return false;
  return period.averageDailyWh < validation.lowUse * compared || period.averageDailyWh > validation.highUse * compared;
}
