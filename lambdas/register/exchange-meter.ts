import { partsBetween } from '../../domain/usagepoint/tenancy.ts';
import type { UsagePointCommand } from '../../domain/usagepoint/usagepoint-command.ts';
import { UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type ChangedPoint, changePoint, usagePointState } from './change-point.ts';
import { versionOf } from './correct-multiplier.ts';
import { type Realigned, realignDays, touchedDays } from './realign-days.ts';
import { noteReseal } from './reseal-agenda.ts';

/** The meter that goes, when, and its final registers. */
export type OldMeter = Omit<Extract<UsagePointCommand, { type: 'RemoveMeter' }>, 'type' | 'at'>;
/** The meter that comes in its place, and its initial registers. */
export type NextMeter = Omit<Extract<UsagePointCommand, { type: 'InstallMeter' }>, 'type' | 'at' | 'from'>;

/** What an exchange asks of a usage point. @param at UTC ms of the record */
export function exchangeCommands(old: OldMeter, next: NextMeter, at: number): readonly UsagePointCommand[] {
  return [
    { type: 'RemoveMeter', ...old, at },
    { type: 'InstallMeter', ...next, from: old.until, at },
  ];
}

/**
 * One meter for another at an instant, in one commit: the final registers of the old, the initial ones of the new.
 * @throws as `changePoint`
 */
export function exchangeMeter(platform: Platform, id: string, old: OldMeter, next: NextMeter): Promise<ChangedPoint> {
  return changePoint(platform, id, exchangeCommands(old, next, platform.clock.now()));
}

export interface Exchanged extends ChangedPoint {
  readonly realigned: Realigned;
  /** Closed days of the new meter that are the tenant's and not the utility's own any more: sealed again within about two hours. */
  readonly moving: number;
}

/**
 * An exchange that is told when days of it are closed already: the old meter's are divided at it, and closing looks at them again. Those
 * of the new meter were the utility's own until now: they go to the tenant's key as after a corrected tenancy. Asked again, what broke
 * off goes on.
 * @param register may change usage points @param days may change days
 * @throws as `changePoint`, and ERR_DAYS_ARCHIVED
 */
export async function exchangeBehind(
  { register, days }: { readonly register: Platform; readonly days: Platform },
  id: string,
  [old, next]: readonly [OldMeter, NextMeter],
  person: string,
): Promise<Exchanged> {
  const meterIds = [old.meterId, next.meterId];
  const closed = await touchedDays(days, await usagePointState(register, id), meterIds, old.until);
  const changed = await exchangeMeter(register, id, old, next);
  const { tenancy } = changed.state;
  const nobodys = partsBetween(tenancy, old.until, Math.max(register.clock.now(), old.until + 1)).every(
    ({ subject }) => subject === UTILITY,
  );
  if (!nobodys) await noteReseal(register, id);
  const reason = `meters of ${id} as of version ${await versionOf(register, id, 'MeterInstalled')}`;
  const aligned = nobodys ? meterIds : [old.meterId];
  const realigned = await realignDays(days, { usagePoint: id, meterIds: aligned, since: old.until, reason, person });
  return { ...changed, realigned, moving: nobodys ? 0 : closed.filter(({ meterId }) => meterId === next.meterId).length };
}
