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
  if (!hasState(stateDir)) throw new UsageError(`${stateDir}: no state of a service there`);
  return await whileOpen(stateDir, work, clock);
}

export function hasState(stateDir: string): boolean {
  return existsSync(join(stateDir, 'events.db'));
}

/** @throws ERR_STATE_LOCKED when the service runs */
export async function whileOpen<T>(stateDir: string, work: (platform: Embedded) => Promise<T>, clock: Clock): Promise<T> {
  const platform = await createEmbeddedPlatform({ stateDir, clock, timer: false });
  try {
    return await work(platform);
  } finally {
    await tellLog(platform);
    await platform.close();
  }
}
