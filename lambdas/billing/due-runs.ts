import { type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { sinceRestore } from '../shared/restore-fence.ts';
import { openBilling } from './open-billing.ts';
import { type BillTarget, runBills } from './run-bills.ts';
import { targetsOf } from './targets.ts';
import { noteWaiting, waitingBills } from './waiting-bills.ts';

/** Periods begin on the first of the month. */
export const START_DAY = 1;
/** Days of a period are final by D+5 07:00 wherever it is; a day later they are so everywhere. */
const FINAL_DAYS = 6;
/** Accounts under one DataAccessed. */
const CHUNK = 1_000;
/** Periods a first run looks back to: a service that stood still makes up for so many. */
const PERIODS_BACK = 3;

export interface DueBills {
  readonly issued: number;
  readonly held: number;
  readonly failed: number;
}

/**
 * Bills everybody for every period whose days are final and that was not run yet, and tries again whatever bill was left held or
 * failed since, by whomever. To be run daily; a day that was missed is made up for by the next.
 */
export async function dueRuns(platform: Platform): Promise<DueBills> {
  const total = { issued: 0, held: 0, failed: 0 };
  const today = utcDate(platform.clock.now());
  const first = await firstRuns(platform, today);
  const again = (await waitingBills(platform)).filter(
    ({ period }) => isFinal(period, today) && !first.some(({ from }) => from === period.from),
  );
  for (const { period, targets } of again) await runDue(platform, period, targets, total);
  for (const period of first) {
    await runDue(platform, period, await targetsOf(platform, period), total);
    await platform.directory.put([{ key: await ranKey(platform, period), value: RAN }]);
  }
  return total;
}

async function runDue(
  platform: Platform,
  period: PeriodDates,
  targets: readonly BillTarget[],
  total: { -readonly [K in keyof DueBills]: DueBills[K] },
): Promise<void> {
  for (let from = 0; from < targets.length; from += CHUNK) {
    const chunk = targets.slice(from, from + CHUNK);
    const accounts = chunk.map(({ account }) => account);
    const { issued, held, failed } = await runBills(await openBilling(platform, accounts, period), chunk, period);
    for (const one of failed) await noteWaiting(platform, period, one, true);
    for (const [code, { length }] of Map.groupBy(failed, (one) => one.code))
      platform.log.error('bills not rated', { code, count: length, reason: period.from });
    total.issued += issued;
    total.held += held.length;
    total.failed += failed.length;
  }
}

/** The calendar period that holds a day, once everybody was billed for it. */
export async function ranPeriod({ directory }: Pick<Platform, 'directory'>, day: string): Promise<PeriodDates | undefined> {
  const period = periodOf(day, START_DAY);
  return (await isRun({ directory }, period)) ? period : undefined;
}

const RAN = Buffer.alloc(0);

/** Oldest first. */
async function firstRuns(platform: Pick<Platform, 'directory'>, today: string): Promise<readonly PeriodDates[]> {
  const due: PeriodDates[] = [];
  let period = periodOf(today, START_DAY);
  for (let back = 0; back < PERIODS_BACK; back++) {
    period = periodOf(addDays(period.from, -1), START_DAY);
    if (isFinal(period, today) && !(await isRun(platform, period))) due.unshift(period);
  }
  return due;
}

const isFinal = ({ until }: PeriodDates, today: string): boolean => addDays(until, FINAL_DAYS - 1) <= today;

/** After a restore a period is run once more: bills that went out since the backup are not there, and those that are stay as they are. */
async function ranKey({ directory }: Pick<Platform, 'directory'>, { from }: PeriodDates): Promise<string> {
  return (await sinceRestore(directory, 'bill-run/')) + from;
}

async function isRun(platform: Pick<Platform, 'directory'>, period: PeriodDates): Promise<boolean> {
  return (await platform.directory.get(await ranKey(platform, period))) !== undefined;
}
