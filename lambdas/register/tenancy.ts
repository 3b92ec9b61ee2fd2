import { account } from '../../domain/account/account.ts';
import { subjectAt } from '../../domain/usagepoint/tenancy.ts';
import type { UsagePointCommand } from '../../domain/usagepoint/usagepoint-command.ts';
import { JoulekeepError, type TenancyCorrected, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { runDecider } from '../shared/streams.ts';
import { type ChangedPoint, changePoint, usagePointState } from './change-point.ts';
import { checkAccounts, mirrorTenancy } from './mirror.ts';
import { noteReseal } from './reseal-agenda.ts';
import { stateToTenants } from './state-to-tenants.ts';
import { tenancyHistory } from './tenancy-history.ts';

/** Opens an account. @throws ERR_ACCOUNT_ID */
export async function openAccount(platform: Platform, accountId: string): Promise<void> {
  await runDecider(platform.events, `account/${accountId}`, account, { type: 'OpenAccount', accountId, at: platform.clock.now() });
}

/** @throws ERR_ACCOUNT_UNKNOWN, ERR_TENANCY_LASTS */
export async function closeAccount(platform: Platform, accountId: string): Promise<void> {
  await runDecider(platform.events, `account/${accountId}`, account, { type: 'CloseAccount', at: platform.clock.now() });
}

/** From an instant on the usage point is the account's. @throws ERR_ACCOUNT_UNKNOWN, ERR_ACCOUNT_CLOSED, and as `changePoint` */
export async function startTenancy(platform: Platform, usagePoint: string, accountId: string, from: number): Promise<ChangedPoint> {
  return await changeTenancy(platform, usagePoint, [accountId], { type: 'CutTenancy', subject: accountId, from, at: platform.clock.now() });
}

/** From an instant on the usage point is nobody's. @throws ERR_TENANCY_ORDER when nobody is the tenant then */
export async function endTenancy(platform: Platform, usagePoint: string, until: number): Promise<ChangedPoint> {
  const { tenancy } = await usagePointState(platform, usagePoint);
  const already = tenancy.at(-1)?.from === until && tenancy.at(-1)?.subject === UTILITY;
  if (!already && subjectAt(tenancy, until) === UTILITY)
    throw new JoulekeepError('ERR_TENANCY_ORDER', `${usagePoint}: nobody is the tenant then`);
  return await changeTenancy(platform, usagePoint, [], { type: 'CutTenancy', subject: UTILITY, from: until, at: platform.clock.now() });
}

/** Replaces every cut from `since` on; the days this moves are sealed again. @throws ERR_ACCOUNT_UNKNOWN, ERR_TENANCY_ORDER, ERR_OFF_GRID */
export async function correctTenancy(
  platform: Platform,
  usagePoint: string,
  correction: Omit<TenancyCorrected, 'at'>,
): Promise<ChangedPoint> {
  const newcomers = correction.cuts.map(({ subject }) => subject);
  return await changeTenancy(platform, usagePoint, newcomers, { type: 'CorrectTenancy', ...correction, at: platform.clock.now() });
}

/** The usage point decides; then accounts, directory and the agenda of what must be sealed again are told. */
async function changeTenancy(
  platform: Platform,
  usagePoint: string,
  newcomers: readonly string[],
  command: UsagePointCommand,
): Promise<ChangedPoint> {
  await usagePointState(platform, usagePoint);
  await checkAccounts(platform, newcomers);
  const changed = await changePoint(platform, usagePoint, [command]);
  const { subjects } = await tenancyHistory(platform, usagePoint);
  await mirrorTenancy(platform, usagePoint, changed.state.tenancy, subjects);
  await stateToTenants(platform, usagePoint, subjects);
  await noteReseal(platform, usagePoint);
  return changed;
}
