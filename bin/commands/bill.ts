import { Command } from 'commander';
import type { BillState } from '../../domain/billing/bill.ts';
import { periodOf } from '../../domain/billing/period-calendar.ts';
import type { BillLine } from '../../events/index.ts';
import { billStreams, openBilling } from '../../lambdas/billing/open-billing.ts';
import { type BillRun, runBills } from '../../lambdas/billing/run-bills.ts';
import { targetsOf } from '../../lambdas/billing/targets.ts';
import { utcDate } from '../../lambdas/shared/days/utc-date.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { withState } from '../service/state.ts';
import { calendarDay, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { knownAccount } from '../terminal/known-account.ts';
import { whoLooks } from '../terminal/person.ts';
import { billLine, billTotal, coveredLines, heldAmounts, heldText, whyHeld } from '../texts/bill-text.ts';
import { moneyText } from '../texts/money-text.ts';
import { approveCommand } from './bill-approve.ts';
import { clockAt, month } from './bill-period-options.ts';
import { keysCommand, proofCommand } from './bill-proof.ts';

/** `joulekeep bill run`, `show`, `approve`, `proof` and `keys`. */
export function billCommand(): Command {
  const run = new Command('run')
    .description(
      'bill a period for every account, or rate again what has changed; exit code 1 when an account could not be rated, or its days are in another bill',
    )
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .option('--period <month>', 'e.g. 2013-06: the period that begins in this month', month)
    .option('--start-day <n>', 'day of the month on which periods begin (1)', wholeNumber(1, 28))
    .option(
      '--from <day>',
      'instead of --period: first day of a period that is no month, such as that of the bills of npm start',
      calendarDay,
    )
    .option('--until <day>', 'with --from: the first day after it', calendarDay)
    .option('--at <day>', 'bill as on this day instead of today: holds and back-billing look at it', calendarDay)
    .option('--as <name>', 'who bills, for the record; your user name when absent')
    .option('--json', 'one JSON object')
    .action(runPeriod);
  const show = new Command('show')
    .description('show the bills of an account as they stand')
    .argument('<account>', 'account id')
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .option('--as <name>', 'who looks, for the record; your user name when absent')
    .option('--json', 'one JSON object per bill')
    .action(showBills);
  return new Command('bill')
    .description('bill accounts, show bills, let held ones go, prove them')
    .addCommand(run)
    .addCommand(show)
    .addCommand(approveCommand())
    .addCommand(proofCommand())
    .addCommand(keysCommand());
}

interface RunOptions {
  readonly state: string;
  readonly period?: string;
  readonly startDay?: number;
  readonly from?: number;
  readonly until?: number;
  readonly at?: number;
  readonly as?: string;
  readonly json?: true;
}

async function runPeriod(options: RunOptions): Promise<void> {
  const { state, at, as, json } = options;
  const person = whoLooks(as);
  const period = periodAsked(options);
  const done = await withState(state, (platform) => bill(platform.as('billing'), period, person), clockAt(at));
  process.stdout.write(json ? `${JSON.stringify(done)}\n` : asText(done, utcDate(at ?? Date.now())));
  if (done.failed.length + done.covered.length > 0) process.exitCode = 1;
}

/** A month's, or exactly the days that are named. @throws UsageError where it is said in neither way, or in both */
function periodAsked({ period, startDay = 1, from, until }: RunOptions): BillRun['period'] {
  if (period !== undefined && from === undefined && until === undefined)
    return periodOf(`${period}-${String(startDay).padStart(2, '0')}`, startDay);
  if (period !== undefined || from === undefined || until === undefined)
    throw new UsageError('either --period is expected, or --from with --until');
  if (from >= until) throw new UsageError('--until is the first day after the period: a later one than --from');
  return { from: utcDate(from), until: utcDate(until) };
}

async function bill(platform: Platform, period: BillRun['period'], person: string): Promise<BillRun> {
  const targets = await targetsOf(platform, period);
  if (targets.length === 0) throw new UsageError(`nobody has a tenancy from ${period.from} to ${period.until}`);
  const accounts = targets.map(({ account }) => account);
  return runBills(await openBilling(platform, accounts, period, { purpose: 'billing', person }), targets, period);
}

/** @param today local date, or near enough: a hint depends on it and nothing else */
function asText(done: BillRun, today: string): string {
  const { period, issued, unchanged, held, failed, totals } = done;
  const money = Object.entries(totals.totalMicro).map(([currency, micro]) => `${moneyText(micro)} ${currency}`);
  const lines = [
    `period     ${period.from} to ${period.until}, the last day excluded`,
    `bills      ${totals.bills}: ${issued} issued now, ${unchanged} unchanged`,
    `held       ${heldText(held)}`,
    `energy     ${totals.importWh} Wh taken, ${totals.exportWh} Wh sent back`,
    `money      ${money.join(', ') || '0'}`,
    `digest     ${totals.digest}`,
    ...(today < period.until ? [`going on   the period ends on ${period.until}: until its days are final its bills are held`] : []),
    ...coveredLines(done),
    ...(done.covered.length > 0 ? ['to run a bill again that is there: --from and --until with its days, in place of --period'] : []),
    ...failed.map(({ account, usagePoint, code, message }) => `not rated  ${account} at ${usagePoint}: ${code}: ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}

async function showBills(account: string, { state, as, json }: { state: string; as?: string; json?: true }): Promise<void> {
  const person = whoLooks(as);
  await withState(state, async (embedded) => {
    const platform = embedded.as('billing');
    const streams = await billStreams(platform, account);
    if (streams.length === 0) await knownAccount(platform, account);
    if (streams.length === 0) throw new UsageError(`${account}: no bills in ${state}; see joulekeep bill run`);
    const days = streams.map((stream) => stream.slice(-10)).sort();
    const sources = await openBilling(platform, [account], { from: days[0]!, until: days.at(-1)! }, { purpose: 'billing', person });
    for (const stream of streams) {
      const found = await sources.bill(stream);
      process.stdout.write(json ? `${JSON.stringify({ stream, billed: found.billed, held: found.held })}\n` : billText(stream, found));
    }
  });
}

function billText(stream: string, { billed, held }: BillState): string {
  const parts = [`${stream}\n`];
  if (held !== undefined) {
    const comesTo = held.rated === undefined ? '' : `; ${heldAmounts(held.rated)}`;
    parts.push(`  held until ${utcDate(held.until)}: ${whyHeld(held.reasons).join(', ')}${comesTo}\n`);
  }
  if (billed === undefined) return parts.join('');
  const { statement, revision } = billed;
  const { lines, totalMicro, currency, onEstimates, estimatedPerMille } = statement;
  parts.push(`  revision ${revision}${onEstimates ? ', on estimates' : ''}, ${estimatedPerMille} ‰ of the energy estimated\n`);
  parts.push(...lines.map(lineText), `  ${billTotal(totalMicro, currency)}\n`);
  return parts.join('');
}

function lineText(line: BillLine): string {
  return `  ${billLine(line)}${line.corrects === undefined ? '' : `  corrects ${line.corrects}`}\n`;
}
