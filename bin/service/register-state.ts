import { JoulekeepError } from '../../events/errors.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { hasState, whileOpen } from './state.ts';

/**
 * Runs a change of the register on a state directory that no service runs on.
 * @throws ERR_STATE_MISSING, ERR_STATE_LOCKED
 */
export async function onRegister<T>(
  stateDir: string,
  run: (platform: Platform, as: (principal: string) => Platform) => Promise<T>,
): Promise<T> {
  if (!hasState(stateDir))
    throw new JoulekeepError('ERR_STATE_MISSING', `${stateDir} holds no recorded streams: give the --state of a service that has run`);
  return await whileOpen(stateDir, ({ as }) => run(as('enrol'), as), { now: Date.now });
}
