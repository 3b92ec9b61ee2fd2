import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Command, InvalidArgumentError } from 'commander';
import { type NamedText, publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { loadSeries } from '../../lambdas/billing/series-file.ts';
import { loadTariff, seriesNames } from '../../lambdas/billing/tariff-file.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';

/** `joulekeep tariff check` and `tariff publish`. */
export function tariffCommand(): Command {
  const check = new Command('check')
    .description('look whether a tariff file can be billed from, and say all that is wrong')
    .argument('<file>', 'JSON, as in tariffs/')
    .option('--series <name=file>', 'CSV of bands or prices that the tariff names (may be .gz); for several, again', named, new Map())
    .action(checkTariff);
  const publish = new Command('publish')
    .description('publish a tariff: bills take it from its first day on')
    .argument('<file>', 'JSON, as in tariffs/')
    .option('--series <name=file>', 'CSV of bands or prices that the tariff names (may be .gz); for several, again', named, new Map())
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .action(publishFile);
  return new Command('tariff').description('check and publish tariffs').addCommand(check).addCommand(publish);
}

type SeriesFiles = ReadonlyMap<string, string>;

function named(text: string, before: SeriesFiles): SeriesFiles {
  const [, name, file] = /^([A-Za-z0-9-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || file === undefined)
    throw new InvalidArgumentError('a name and a file like london-bands=bands.csv are expected.');
  return new Map([...before, [name, file]]);
}

function checkTariff(file: string, { series }: { series: SeriesFiles }): void {
  const { tariff, from } = loadTariff(textOf(file).text, file);
  for (const name of seriesNames(tariff)) {
    const given = series.get(name);
    if (given === undefined) process.stdout.write(`needs the series ${name}: publish it with --series ${name}=FILE\n`);
    else loadSeries(textOf(given).text, given);
  }
  process.stdout.write(`${file}: sound; ${tariff.id} from ${from}, in ${tariff.currency}\n`);
}

async function publishFile(file: string, { state, series }: { state: string; series: SeriesFiles }): Promise<void> {
  const texts = new Map([...series].map(([name, path]) => [name, textOf(path)]));
  const { tariff, version, from } = await withState(state, (platform) => publishTariff(platform.as('billing'), textOf(file), texts));
  process.stdout.write(`${tariff} version ${version} holds from ${from}\n`);
}

/** @throws UsageError when the file can't be read */
function textOf(file: string): NamedText {
  try {
    const bytes = readFileSync(file);
    return { file, text: (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString() };
  } catch (error) {
    throw new UsageError(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
