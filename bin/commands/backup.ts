import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { receiptOf, receiptPlace } from '../../lambdas/log/receipt.ts';
import { logTakenBack } from '../../lambdas/log/taken-back.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { leaveToFeed } from '../../lambdas/project/make-anew.ts';
import { backUp, putBack, restored } from '../../platform/embedded/backup.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
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
  const platform = await createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.now() }, timer: false, restoring: true });
  try {
    // Before anything else: nothing is said to a meter that was said before.
    const waiting = await afterRestore(platform.as('maintenance'));
    await leaveToFeed(platform.as('project').directory);
    await restored(state);
    process.stdout.write(
      `as of ${new Date(takenAt).toISOString()}: commits up to place ${lastPlace}; what was there lies in ${aside}, to look at\n` +
        `${waiting} meters are answered again once they have agreed new keys; what they measured since, they send again\n` +
        'read models are made anew when the service starts\n',
    );
    await tellLog(platform, join(aside, 'taken-back.json'), takenAt);
  } finally {
    await platform.close();
  }
}

/** The log says what was taken back, and whoever verifies later is given the receipt: what no receipt names is a finding. */
async function tellLog(platform: Embedded, receipt: string, takenAt: number): Promise<void> {
  const streams = await logTakenBack(platform.as('log'), platform.as('maintenance').events);
  if (streams.length === 0) {
    process.stdout.write('nothing that was logged is gone\n');
    return;
  }
  const { clock, objects } = platform.as('maintenance');
  const restoredAt = clock.now();
  const text = receiptOf({ takenAt, restoredAt, streams });
  writeFileSync(receipt, text, { mode: 0o600 });
  // The service's own check finds it there.
  await objects.put(receiptPlace(restoredAt), Buffer.from(text));
  process.stdout.write(
    `${streams.length} streams lost commits, and the log over all commits says so; ${receipt} is the receipt:\n` +
      'keep it with somebody who did not run this, for joulekeep verify --restored FILE\n',
  );
}

function progressOf(bar: ProgressBar): (done: number, total: number) => void {
  return (done, total) => bar.at(done / total, `${done} of ${total} objects`);
}
