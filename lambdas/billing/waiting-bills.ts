import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { restoreFence } from '../shared/restore-fence.ts';
import type { BillTarget } from './run-bills.ts';

const PREFIX = 'bill-waiting/';
/** Before the end of the period and the restore behind which it is so. */
const OVER = 'over ';

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
  await directory.put([{ key, value: Buffer.from(waits ? until : `${OVER}${until} ${await restoreFence(directory)}`) }]);
}

/** What waits now, of however old a period; oldest first. What let a bill go may be gone by a restore: it is looked at once more. */
export async function waitingBills({ directory }: Pick<Platform, 'directory'>): Promise<readonly WaitingBills[]> {
  const found = new Map<string, { period: PeriodDates; targets: BillTarget[] }>();
  const fence = await restoreFence(directory);
  for await (const { key, value } of directory.list(PREFIX)) {
    const until = waitsUntil(value.toString(), fence);
    if (until === undefined) continue;
    const [from, account, usagePoint] = key.slice(PREFIX.length).split('/') as [string, string, string];
    const group = found.get(`${from}/${until}`) ?? { period: { from, until }, targets: [] };
    group.targets.push({ account, usagePoint });
    found.set(`${from}/${until}`, group);
  }
  return [...found.values()];
}

/** End of the period. Empty where it was over before there were restores to tell apart. */
function waitsUntil(value: string, fence: number): string | undefined {
  if (!value.startsWith(OVER)) return value === '' ? undefined : value;
  const [until, overSince] = value.slice(OVER.length).split(' ') as [string, string];
  return Number(overSince) < fence ? until : undefined;
}
