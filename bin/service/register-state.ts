import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JoulekeepError } from '../../events/errors.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { tellLog } from './tell-log.ts';

/**
 * Runs a change of the register on a state directory that no service runs on.
 * @throws ERR_STATE_MISSING, ERR_STATE_LOCKED
 */
export async function onRegister<T>(
  stateDir: string,
  run: (platform: Platform, as: (principal: string) => Platform) => Promise<T>,
): Promise<T> {
  if (!existsSync(join(stateDir, 'events.db')))
    throw new JoulekeepError('ERR_STATE_MISSING', `${stateDir} holds no recorded streams: give the --state of a service that has run`);
  const embedded = await createEmbeddedPlatform({ stateDir, clock: { now: Date.now }, timer: false });
  try {
    return await run(embedded.as('enrol'), (principal) => embedded.as(principal));
  } finally {
    await tellLog(embedded);
    await embedded.close();
  }
}
