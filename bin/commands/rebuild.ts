import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { MODELS, rebuildModel } from '../../lambdas/project/rebuild.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { UsageError } from '../terminal/fail.ts';
import { counted } from '../texts/counted.ts';
import { ProgressBar } from '../town/progress.ts';

/** `joulekeep rebuild`: makes the tables of a read model anew from the streams. The service must not run. */
export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('make a read model anew from the streams, beside the one in use, and switch to it')
    .addArgument(new Argument('<model>', 'which read model').choices(MODELS))
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .action(rebuild);
}

async function rebuild(model: string, { state }: { state: string }): Promise<void> {
  if (!existsSync(join(state, 'events.db'))) throw new UsageError(`${state}: no state of a service there`);
  const platform = await createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.now() }, timer: false });
  const bar = new ProgressBar(`rebuilding ${model}`, false);
  try {
    const { streams } = await rebuildModel(platform.as('project'), model, (done, total) =>
      bar.at(done / total, `${done} of ${total} streams`),
    );
    bar.end();
    process.stdout.write(`${model} made anew from ${counted(streams, 'stream')}\n`);
  } finally {
    await platform.close();
  }
}
