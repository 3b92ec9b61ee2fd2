import { type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { openBilling } from './open-billing.ts';
import { type BillTarget, runBills } from './run-bills.ts';
import { targetsOf } from './targets.ts';

/** Periods begin on the first of the month. */
const START_DAY = 1;
/** Days of a period are final by D+5 07:00 wherever it is; a day later they are so everywhere. */
const FINAL_DAYS = 6;
/** Accounts under one DataAccessed. */
const CHUNK = 1_000;
/** Holds end within 30 days and a period: older ones have gone out. */
const PERIODS_BACK = 3;

export interface DueBills {
  readonly issued: number;
  readonly held: number;
  readonly failed: number;
}

/**
 * Bills every period whose days are final and that was not run yet, and tries again those of the last periods that were held or
 * failed. To be run daily; a day that was missed is made up for by the next.
 */
export async function dueRuns(platform: Platform): Promise<DueBills> {
  const total = { issued: 0, held: 0, failed: 0 };
  for (const period of periodsDue(platform.clock.now())) {
    const targets = await targetsDue(platform, period);
    for (let from = 0; from < targets.length; from += CHUNK) {
      const chunk = targets.slice(from, from + CHUNK);
      const accounts = chunk.map(({ account }) => account);
      const { issued, held, failed } = await runBills(await openBilling(platform, accounts, period), chunk, period);
      const open = new Set([
        ...held.map((one) => keyOf(period, { account: one.period.accountId, ...one.period })),
        ...failed.map((one) => keyOf(period, one)),
      ]);
      await platform.directory.put(
        chunk.map((target) => ({ key: keyOf(period, target), value: open.has(keyOf(period, target)) ? OPEN : DONE })),
      );
      total.issued += issued;
      total.held += held.length;
      total.failed += failed.length;
    }
    await platform.directory.put([{ key: ranKey(period), value: DONE }]);
  }
  return total;
}

/** The calendar period that holds a day, once everybody was billed for it. */
export async function ranPeriod({ directory }: Pick<Platform, 'directory'>, day: string): Promise<PeriodDates | undefined> {
  const period = periodOf(day, START_DAY);
  return (await directory.get(ranKey(period))) === undefined ? undefined : period;
}

const OPEN = Buffer.from('open');
const DONE = Buffer.alloc(0);

/** Oldest first. */
function periodsDue(now: number): PeriodDates[] {
  const due: PeriodDates[] = [];
  const today = new Date(now).toISOString().slice(0, 10);
  let period = periodOf(today, START_DAY);
  for (let back = 0; back < PERIODS_BACK; back++) {
    period = periodOf(addDays(period.from, -1), START_DAY);
    if (addDays(period.until, FINAL_DAYS - 1) <= today) due.unshift(period);
  }
  return due;
}

/** Everybody in a period's first run; afterwards who is still without a bill. */
async function targetsDue(platform: Platform, period: PeriodDates): Promise<readonly BillTarget[]> {
  if ((await platform.directory.get(ranKey(period))) === undefined) return targetsOf(platform, period);
  const targets: BillTarget[] = [];
  for await (const { key, value } of platform.directory.list(prefixOf(period))) {
    const [account, usagePoint] = key.slice(prefixOf(period).length).split('/') as [string, string];
    if (value.length > 0) targets.push({ account, usagePoint });
  }
  return targets;
}

const ranKey = ({ from }: PeriodDates): string => `bill-run/${from}`;
const prefixOf = ({ from }: PeriodDates): string => `bill-due/${from}/`;
const keyOf = (period: PeriodDates, { account, usagePoint }: BillTarget): string => `${prefixOf(period)}${account}/${usagePoint}`;
