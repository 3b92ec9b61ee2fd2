import { Command, InvalidArgumentError } from 'commander';
import { type SettledDay, settleDays, settledDays } from '../../lambdas/edit/settlement.ts';
import { plusDays } from '../../lambdas/shared/days/local-days.ts';
import type { ApiRole } from '../../topology/route.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { counted } from '../texts/counted.ts';

const EVERYBODY: readonly ApiRole[] = ['operator', 'supervisor'];

interface SettlementOptions extends PersonOptions {
  readonly from: string;
  readonly days: number;
  readonly json?: true;
}

/** `joulekeep settlement run` and `settlement show`. */
export function settlementCommand(): Command {
  const run = windowed('run', 'take every day of a window as it stands; run again it takes what was not closed before').action(
    runSettlement,
  );
  const show = windowed('show', 'energy of a window as a run took it, a line per day and channel, and the sums').action(showSettlement);
  return new Command('settlement')
    .description('settlement runs: versions of days that can be looked at for ever')
    .addCommand(run)
    .addCommand(show);
}

function windowed(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument('<run>', 'name of the run, e.g. SF or R1: 1 to 32 of A-Z, a-z, 0-9, dash and underline', runName)
    .requiredOption('--from <day>', 'first local date, e.g. 2026-03-01', localDate)
    .requiredOption('--days <n>', 'number of days', wholeNumber(1, 400))
    .option('--json', 'one JSON object');
  return withPersonOptions(command, EVERYBODY);
}

async function runSettlement(run: string, options: SettlementOptions): Promise<void> {
  const window = windowOf(options);
  const report = await asPerson(options, EVERYBODY, (platform, person) => settleDays(platform.as('editing'), person, run, window));
  const { settled, already, provisional, open } = report;
  if (settled + already + open === 0) throw new UsageError(`no day from ${window.from} on is recorded in ${counted(options.days, 'day')}`);
  const text = `${run}: ${counted(settled, 'day')} taken now, ${already} before, ${provisional} of them provisional; ${open} not closed yet\n`;
  process.stdout.write(options.json ? `${JSON.stringify({ run, ...window, ...report })}\n` : text);
}

async function showSettlement(run: string, options: SettlementOptions): Promise<void> {
  const window = windowOf(options);
  const days = await asPerson(options, EVERYBODY, (platform, person) => settledDays(platform.as('editing'), person, run, window));
  if (days.length === 0)
    throw new UsageError(`${run} took no day from ${window.from} on in these ${options.days} days; see settlement run`);
  process.stdout.write(options.json ? `${JSON.stringify({ run, ...window, days })}\n` : days.flatMap(linesOf).join('') + sumsOf(days));
}

function linesOf({ frame, revision, final, held, channels }: SettledDay): string[] {
  const { usagePoint, meterId, day, part } = frame;
  const state = `${final ? 'final' : 'provisional'}${held ? ', held' : ''}`;
  return channels.map(({ channel, direction, unit, energyWh }) => {
    const name = `${usagePoint}  ${meterId}  ${day}${part === 1 ? '' : `.${part}`}`;
    return `${name}  channel ${channel} ${direction}  ${energyWh} ${unit}  revision ${revision}, ${state}\n`;
  });
}

function sumsOf(days: readonly SettledDay[]): string {
  const sums = new Map<string, bigint>();
  for (const { direction, unit, energyWh } of days.flatMap(({ channels }) => channels)) {
    const kind = `${direction} ${unit}`;
    sums.set(kind, (sums.get(kind) ?? 0n) + BigInt(Math.round(energyWh)));
  }
  return [...sums].map(([kind, sum]) => `sum  ${sum} ${kind}\n`).join('');
}

function windowOf({ from, days }: SettlementOptions): { from: string; until: string } {
  return { from, until: plusDays(from, days) };
}

function runName(text: string): string {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(text)) throw new InvalidArgumentError('1 to 32 of A-Z, a-z, 0-9, dash and underline are expected.');
  return text;
}

/** @returns the text: a local date has no instant of its own */
function localDate(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError('a day like 2013-06-01 is expected.');
  return text;
}
