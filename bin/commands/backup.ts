import { Command } from 'commander';
import { logTakenBack } from '../../lambdas/log/taken-back.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { backUp, putBack } from '../../platform/embedded/backup.ts';
import { withState } from '../state.ts';
import { ProgressBar } from '../town/progress.ts';

/** `joulekeep backup`: commits and objects, without keys, beside a running service. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('copy what is recorded, beside the running service; keys are not in a backup, so what was destroyed stays destroyed')
    .requiredOption('--state <dir>', 'state directory of the service')
    .requiredOption('--to <dir>', 'folder of the backup, made if it is not there')
    .action(async ({ state, to }: { readonly state: string; readonly to: string }) => {
      const bar = new ProgressBar('copying objects', false);
      const { lastPlace, objects } = await backUp(state, to, Date.now(), progressOf(bar));
      bar.end();
      process.stdout.write(`${to} holds the commits up to place ${lastPlace}, and ${objects} objects\n`);
    });
}

/** `joulekeep restore`: puts a backup back. The service must not run. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description(
      'put a backup back into the state it is of; what is there is laid aside, keys stay, meters agree new ones before they are answered',
    )
    .requiredOption('--from <dir>', 'folder of the backup')
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .action(restore);
}

async function restore({ from, state }: { readonly from: string; readonly state: string }): Promise<void> {
  const bar = new ProgressBar('putting objects back', false);
  const { takenAt, lastPlace, aside } = await putBack(from, state, Date.now(), progressOf(bar));
  bar.end();
  const { waiting, takenBack } = await withState(state, async (platform) => ({
    takenBack: await logTakenBack(platform.as('log'), platform.as('maintenance').events),
    waiting: await afterRestore(platform.as('maintenance')),
  }));
  process.stdout.write(
    `as of ${new Date(takenAt).toISOString()}: commits up to place ${lastPlace}; what was there lies in ${aside}\n` +
      `${takenBack} streams lost commits, and the log over all commits says so\n` +
      `${waiting} meters are answered again once they have agreed new keys; what they measured since, they send again\n` +
      'read models are made anew when the service starts\n',
  );
}

function progressOf(bar: ProgressBar): (done: number, total: number) => void {
  return (done, total) => bar.at(done / total, `${done} of ${total} objects`);
}
