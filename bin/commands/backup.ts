import { Command } from 'commander';
import { backUp, putBack } from '../../platform/embedded/backup.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { takeUpPutBack } from '../service/take-up-restore.ts';
import { tellLog } from '../service/tell-log.ts';
import { counted } from '../texts/counted.ts';
import { ProgressBar } from '../town/progress.ts';

/** `joulekeep backup`: commits and objects, without keys, beside a running service. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('copy what is recorded, beside the running service; keys are not in a backup, so what was destroyed stays destroyed')
    .requiredOption('--state <dir>', 'state directory of the service')
    .requiredOption('--to <dir>', 'folder of the backup, empty or made')
    .action(async ({ state, to }: { readonly state: string; readonly to: string }) => {
      const bar = new ProgressBar('copying objects', false);
      const { lastPlace, objects } = await backUp(state, to, Date.now(), progressOf(bar));
      bar.end();
      process.stdout.write(`${to} holds the commits up to place ${lastPlace}, and ${counted(objects, 'object')}\n`);
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
  const back = await putBack(from, state, Date.now(), progressOf(bar));
  bar.end();
  const platform = await createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.now() }, timer: false, restoring: true });
  try {
    // The checkpoint that is signed next says that nothing older is missing.
    await tellLog(platform);
    const { waiting, streams, receipt, logRefused, lookAt } = await takeUpPutBack(state, platform.as, back);
    process.stdout.write(
      `as of ${new Date(back.takenAt).toISOString()}: commits up to place ${back.lastPlace}; what was there lies in ${back.aside}, to look at\n` +
        `${counted(waiting, 'meter is', 'meters are')} answered again once they have agreed new keys; what they measured since, they send again\n` +
        'read models are made anew when the service starts\n' +
        lookAt.map((device) => `${device}\n`).join(''),
    );
    if (logRefused !== undefined) throw logRefused;
    process.stdout.write(
      receipt === undefined
        ? 'nothing that was logged is gone\n'
        : `${counted(streams, 'stream')} lost commits, and the log over all commits says so; ${receipt} is the receipt:\n` +
            'keep it with somebody who did not run this, for joulekeep verify --restored FILE\n',
    );
  } finally {
    await platform.close();
  }
}

function progressOf(bar: ProgressBar): (done: number, total: number) => void {
  return (done, total) => bar.at(done / total, `${done} of ${total} objects`);
}
