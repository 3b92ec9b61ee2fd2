import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Clock } from '../../platform/ports/platform.ts';
import { UsageError } from '../terminal/fail.ts';
import { tellLog } from './tell-log.ts';

/**
 * Works on the state directory of a service that does not run. What it records waits for its place in the log then.
 * @throws UsageError when there is none; ERR_STATE_LOCKED when the service runs
 */
export async function withState<T>(
  stateDir: string,
  work: (platform: Embedded) => Promise<T>,
  clock: Clock = { now: () => Date.now() },
): Promise<T> {
  if (!existsSync(join(stateDir, 'events.db'))) throw new UsageError(`${stateDir}: no state of a service there`);
  const platform = await createEmbeddedPlatform({ stateDir, clock, timer: false });
  try {
    return await work(platform);
  } finally {
    await tellLog(platform);
    await platform.close();
  }
}
