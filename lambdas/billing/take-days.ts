import { addDays } from '../../domain/tariff/dates.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type BilledPeriod, rerateForRestatement } from './bill-period.ts';
import { openBilling } from './open-billing.ts';

/** A day that became final or was restated, as billing is told. */
export interface ToldDay {
  readonly account: string;
  readonly usagePoint: string;
  /** Local date. */
  readonly day: string;
}

/**
 * Looks again at every bill that stands on these days, or waits for them: held bills go out when nothing holds them any more,
 * bills that went out are rated again. Days of which no bill is begun change nothing. One access covers all of them.
 */
export async function takeDays(platform: Platform, days: readonly ToldDay[], reason: string): Promise<readonly BilledPeriod[]> {
  if (days.length === 0) return [];
  const dates = days.map(({ day }) => day).sort();
  const period = { from: dates[0]!, until: addDays(dates.at(-1)!, 1) };
  const sources = await openBilling(platform, [...new Set(days.map(({ account }) => account))], period);
  const billed: BilledPeriod[] = [];
  for (const day of days) billed.push(...(await rerateForRestatement(sources, { ...day, reason })));
  return billed.filter(({ events }) => events.length > 0);
}
