import { codeOf } from '../../events/errors.ts';
import { makeLogCollect } from '../../lambdas/log/handler.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';

/**
 * Lets everything that was recorded wait for its place in the log, on a state that no service runs on. A command has a clock of its own: where the log's is ahead, its
 * newest checkpoint is younger than what the command records, and nothing else tells that from a commit the log never hears of. What fails here the feed
 * brings when the service runs again, and fails no command that has done its work.
 */
export async function tellLog({ as, host }: Pick<Embedded, 'as' | 'host'>): Promise<void> {
  const log = as('log');
  try {
    await host.start({ queues: {}, feeds: { 'log-collect': makeLogCollect(log, ALL_DEFENCES) } });
    await host.caughtUp('log-collect');
  } catch (error) {
    log.log.error('the log was not told', { code: codeOf(error) });
  } finally {
    await host.stop();
  }
}
