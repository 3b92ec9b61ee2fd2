import { Command, Option } from 'commander';
import { newestTables } from '../../lambdas/deidentify/make-tables.ts';
import { withState } from '../service/state.ts';
import { researchCsv, similarHomesCsv } from '../texts/research-text.ts';

const WRITERS = { json: JSON.stringify, csv: researchCsv, 'similar-homes-csv': similarHomesCsv } as const;

interface Options {
  readonly state: string;
  readonly format: keyof typeof WRITERS;
}

/** `joulekeep research tables`: what researchers and the public get. */
export function researchCommand(): Command {
  const tables = new Command('tables')
    .description('the newest tables, as they were released; exit code 1 when there are none yet')
    .requiredOption('--state <dir>', 'state directory of the service')
    .addOption(new Option('--format <format>', 'how to write them').choices(Object.keys(WRITERS)).default('json'))
    .action(async ({ state, format }: Options) => {
      const newest = await withState(state, (platform) => newestTables(platform.as('deidentify')));
      if (newest !== undefined) process.stdout.write(`${WRITERS[format](newest).trimEnd()}\n`);
      else {
        process.stderr.write('no quarter is closed yet\n');
        process.exitCode = 1;
      }
    });
  return new Command('research')
    .description('tables of areas for research and the public; no service may run on the state directory')
    .addCommand(tables);
}
