import { Command } from 'commander';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { doorPortsOf, type PortOptions, withPortOptions } from '../service/door-ports.ts';
import { calendarDay, oneOf, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { beginOnLargePages } from '../terminal/large-pages.ts';
import { runTown, type TownRun } from '../town/run-town.ts';
import { closableSince, TOWN_ZONE } from '../town/span.ts';

const CONCENTRATORS = 4;

interface StartOptions extends PortOptions {
  readonly once?: true;
  readonly json?: true;
  readonly data?: string;
  readonly from?: number;
  readonly days: number;
  readonly interval: 5 | 15 | 30;
  readonly meters?: number;
  readonly state?: string;
  readonly seed: string;
  readonly honest?: true;
}

/** `joulekeep start`: the whole service in this process, a town of meters in another, and one concentrator that attacks. */
export function startCommand(): Command {
  const command = new Command('start')
    .description(
      'boot the service, enrol a town of meters, play a week of it at speed under attack, close the books (readings, days, bills), then keep serving',
    )
    .option('--once', 'exit after the reconciliation; exit code 1 if anything does not reconcile')
    .option('--json', 'with --once: one JSON object on standard output and nothing else')
    .option('--data <file>', 'play a CSV of half-hours (start_utc, then a column per home, Wh; may be .gz) instead of a synthetic town')
    .option('--from <day>', 'first local day of the data, e.g. 2013-06-01', calendarDay)
    .option('--days <n>', 'whole local days to play', wholeNumber(1, 400), 7)
    .option('--interval <minutes>', '5, 15 or 30', oneOf(5, 15, 30), 15)
    .option('--meters <n>', 'homes of the synthetic town (240)', wholeNumber(1, 100_000))
    .option('--seed <text>', 'same seed, same town', 'joulekeep')
    .option('--state <dir>', 'keep all state there, and go on from it next time; without it, state is removed at the end')
    .option('--honest', 'no attacking concentrator');
  return withPortOptions(command).action(start);
}

async function start(options: StartOptions): Promise<void> {
  if (options.json && !options.once) throw new UsageError('--json needs --once');
  if (options.data !== undefined && options.meters !== undefined)
    throw new UsageError('--meters is for the synthetic town; --data brings its own homes');
  if (options.data === undefined && options.from !== undefined) throw new UsageError('--from belongs to --data');
  beginOnLargePages();
  await runTown(runOf(options));
}

/** First instant of a local day of the town. @param at UTC ms of the date's begin in UTC */
function beginOf(at: number): number {
  return localDay(new Date(at).toISOString().slice(0, 10), TOWN_ZONE).start * 1000;
}

function runOf({ once, json, data, from, days, interval, meters = 240, state, seed, honest, ...ports }: StartOptions): TownRun {
  const common = { seed, intervalMinutes: interval, concentrators: CONCENTRATORS, ...(honest ? {} : { adversary: `dc-${CONCENTRATORS}` }) };
  // Whole local days that can be closed and billed; then the town lives on to the present.
  const begin = closableSince(Date.now(), days);
  const town =
    data === undefined
      ? {
          kind: 'synthetic' as const,
          ...common,
          meters,
          start: begin,
          feederHeads: true as const,
          mishaps: true as const,
          stray: true as const,
        }
      : { kind: 'csv' as const, ...common, file: data, days, ...(from === undefined ? {} : { from: beginOf(from) }) };
  const places = { ...(state === undefined ? {} : { state }), doorPorts: doorPortsOf(ports) };
  return { town, days, once: once ?? false, json: json ?? false, ...places };
}
