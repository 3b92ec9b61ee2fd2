import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { BillTarget } from './run-bills.ts';

const PREFIX = 'bill-waiting/';
const OVER = Buffer.alloc(0);

/** Bills of one period that were held or could not be rated, to be tried again. */
export interface WaitingBills {
  readonly period: PeriodDates;
  readonly targets: readonly BillTarget[];
}

/** Whoever leaves a bill held or unrated says so here, whoever lets it go as well; only bills that ever waited have an entry. */
export async function noteWaiting(
  { directory }: Pick<Platform, 'directory'>,
  { from, until }: PeriodDates,
  { account, usagePoint }: BillTarget,
  waits: boolean,
): Promise<void> {
  const key = `${PREFIX}${from}/${account}/${usagePoint}`;
  if (!waits && (await directory.get(key)) === undefined) return;
  await directory.put([{ key, value: waits ? Buffer.from(until) : OVER }]);
}

/** What waits now, of however old a period; oldest first. */
export async function waitingBills({ directory }: Pick<Platform, 'directory'>): Promise<readonly WaitingBills[]> {
  const found = new Map<string, { period: PeriodDates; targets: BillTarget[] }>();
  for await (const { key, value } of directory.list(PREFIX)) {
    if (value.length === 0) continue;
    const [from, account, usagePoint] = key.slice(PREFIX.length).split('/') as [string, string, string];
    const until = value.toString();
    const group = found.get(`${from}/${until}`) ?? { period: { from, until }, targets: [] };
    group.targets.push({ account, usagePoint });
    found.set(`${from}/${until}`, group);
  }
  return [...found.values()];
}
