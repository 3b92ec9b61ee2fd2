import type { MultiplierCorrected } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type ChangedPoint, changePoint, usagePointState, usagePointStream } from './change-point.ts';
import { type Realigned, realignDays, touchedDays } from './realign-days.ts';

export type Correction = Omit<MultiplierCorrected, 'at'>;

/**
 * A corrected multiplier: the usage point says it, recorded days from then on follow, divided where it holds from within one. Their
 * energy is stated again when closing looks at them (`recloseDays`). Asked again, what broke off goes on.
 * @param register may change usage points @param days may change days
 * @throws ERR_METER_NOT_HERE, ERR_MULTIPLIER, ERR_OFF_GRID, ERR_POINT_UNKNOWN, ERR_DAYS_ARCHIVED
 */
export async function correctMultiplier(
  { register, days }: { readonly register: Platform; readonly days: Platform },
  usagePoint: string,
  correction: Correction,
): Promise<ChangedPoint & { readonly realigned: Realigned }> {
  const { meterId, validFrom, by } = correction;
  await touchedDays(days, await usagePointState(register, usagePoint), [meterId], validFrom);
  const changed = await changePoint(register, usagePoint, [{ type: 'CorrectMultiplier', ...correction, at: register.clock.now() }]);
  const reason = `multiplier of ${meterId} as of version ${await versionOf(register, usagePoint, 'MultiplierCorrected')}`;
  const touched = { usagePoint, meterIds: [meterId], since: validFrom, reason, person: by };
  return { ...changed, realigned: await realignDays(days, touched) };
}

/** Version of the last fact of a type: names the change that it is, however often it is asked for. */
export async function versionOf({ events }: Pick<Platform, 'events'>, usagePoint: string, type: string): Promise<number> {
  let found = -1;
  for await (const commit of events.read(usagePointStream(usagePoint)))
    for (const [i, event] of commit.events.entries()) if (event.type === type) found = commit.version + i;
  return found;
}
