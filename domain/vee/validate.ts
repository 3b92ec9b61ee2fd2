import type { ChannelDay } from './channel-day.ts';
import type { VeePolicy } from './policy.ts';

export function validate(day: ChannelDay, policy: VeePolicy): void {
  throw new RangeError(`not built: ${policy.name} ${day.n}`);
}

/** Totals of the billing period so far and of those it is compared with; -1 = not known. Wh. */
export interface PeriodUse {
  readonly averageDailyWh: number;
  readonly lastYearAverageDailyWh: number;
  readonly previousAverageDailyWh: number;
  readonly maximumWh: number;
  readonly previousMaximumWh: number;
}

export function revalidate(day: ChannelDay, policy: VeePolicy, period?: PeriodUse): void {
  throw new RangeError(`not built: ${policy.name} ${day.n} ${period?.maximumWh}`);
}
