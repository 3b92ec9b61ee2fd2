import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import * as agenda from '../shared/devices/agenda.ts';
import { attendEpochs, type DutyReport } from './epoch-duties.ts';
import { revokeReplaced } from './relay-duties.ts';
import { watchSilence } from './silence.ts';

const RELAY = 'dc-';

export interface Duties extends DutyReport {
  /** Replaced certificates of concentrators. */
  readonly revoked: number;
  /** Silent meters that are asked for what is missing. */
  readonly silent: number;
}

/** Everything that is due now. To be run every hour; a run that was missed is made up for by the next. */
export async function runDuties(platform: Platform, defences: Defences): Promise<Duties> {
  const now = platform.clock.now();
  const who = [...(await agenda.due(platform.directory, now))];
  const meterIds = who.filter((name) => !name.startsWith(RELAY));
  const report = await attendEpochs(platform, defences, meterIds);
  let revoked = 0;
  for (const name of who) if (name.startsWith(RELAY)) revoked += await revokeReplaced(platform, name.slice(RELAY.length));
  if (defences.epochDestruction) await destroyDeadRows(platform, now);
  await agenda.settled(platform.directory, now);
  const silent = await watchSilence(platform, defences);
  return { ...report, revoked, silent };
}

/** Shard keys say themselves when nothing is wrapped by them any more; with them goes whatever was forgotten. */
async function destroyDeadRows(platform: Platform, now: number): Promise<void> {
  // Keys of shards, and what lies behind tokens or was said, where the table doesn't see to it.
  for (const prefix of ['shard/', 'token/', 'kept/']) {
    if (platform.keys.endsByItself?.(prefix) === true) continue;
    for (const { id, destroyAt } of await platform.keys.list(prefix))
      if (destroyAt !== undefined && destroyAt <= now) await platform.keys.destroy(id);
  }
}
