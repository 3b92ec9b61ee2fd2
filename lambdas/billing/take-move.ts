import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import { addDays, addMonths } from '../../domain/tariff/dates.ts';
import type { BillingMove } from '../../events/catalogue/billing.ts';
import { UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { usagePointState } from '../register/change-point.ts';
import { billPeriod, PeriodBilled } from './bill-period.ts';
import { billStream } from './bill-stream.ts';
import { ranPeriod } from './due-runs.ts';
import { mayHold } from './gather.ts';
import { openBilling } from './open-billing.ts';
import { spansOf } from './places.ts';
import type { BilledPoint, BillingSources } from './sources.ts';

/**
 * A corrected tenancy moved a day: every period that was billed with it is billed again, for whoever has a tenancy in it now and
 * for whoever has a bill of it. So each ends with the bill it would have had if the tenancy had been right from the start; who
 * is left without a day of the period gets all of it back. A period nobody was billed for yet waits for its run.
 */
export async function takeMove(platform: Platform, { usagePoint, account, former = account, day }: BillingMove): Promise<void> {
  const point = await usagePointState(platform, usagePoint);
  const accounts = concerned(point, day, [account, former]);
  if (accounts.length === 0) return;
  const sources = await openBilling(platform, accounts, { from: day, until: addDays(day, 1) });
  const ran = await ranPeriod(platform, day);
  const billed = await billedPeriods(sources, accounts, usagePoint, day);
  const periods = new Map([...(ran === undefined ? [] : [ran]), ...billed].map((period) => [period.from, period]));
  for (const { from, until } of periods.values()) {
    for (const one of accounts) {
      const state = await sources.bill(billStream({ account: one, usagePoint, from }));
      const known = state.billed !== undefined || state.held !== undefined;
      if (!known && spansOf(point, one, { from, until }).length === 0) continue;
      try {
        await billPeriod(sources, { account: one, usagePoint, from, until }, { reason: `day ${day} moved` });
      } catch (error) {
        // Its days are in another bill, which is among the periods.
        if (!(error instanceof PeriodBilled)) throw error;
      }
    }
  }
}

/** Those the event names, and tenants around the day. */
function concerned(point: Pick<BilledPoint, 'tenancy' | 'zone'>, day: string, named: readonly string[]): readonly string[] {
  const around = { from: addMonths(day, -1), until: addMonths(day, 1) };
  const tenants = point.tenancy.map(({ subject }) => subject).filter((subject) => spansOf(point, subject, around).length > 0);
  return [...new Set([...named, ...tenants])].filter((subject) => subject !== UTILITY);
}

async function billedPeriods(
  sources: BillingSources,
  accounts: readonly string[],
  usagePoint: string,
  day: string,
): Promise<readonly PeriodDates[]> {
  const periods: PeriodDates[] = [];
  for (const account of accounts) {
    for (const from of await sources.firstDays(account, usagePoint)) {
      if (!mayHold(from, day)) continue;
      const { billed, held } = await sources.bill(billStream({ account, usagePoint, from }));
      const period = billed?.statement.period ?? held?.period;
      if (period !== undefined && day < period.until) periods.push(period);
    }
  }
  return periods;
}
