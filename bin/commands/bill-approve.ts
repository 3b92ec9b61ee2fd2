import { Command } from 'commander';
import { type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { type BilledPeriod, billPeriod } from '../../lambdas/billing/bill-period.ts';
import { billStreams, openBilling } from '../../lambdas/billing/open-billing.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ApiRole } from '../../topology/route.ts';
import { calendarDay, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { whyHeld } from '../texts/bill-text.ts';
import { clockAt, month } from './bill-period-options.ts';

/** Who may let a held bill go. */
const APPROVES: readonly ApiRole[] = ['supervisor'];

interface ApproveOptions extends PersonOptions {
  readonly period: string;
  readonly startDay: number;
  readonly point?: string;
  readonly reason: string;
  readonly demand?: true;
  readonly reprice?: true;
  readonly at?: number;
}

/** `joulekeep bill approve ACCOUNT`: exit code 1 when a bill stays held. */
export function approveCommand(): Command {
  return withPersonOptions(new Command('approve'), APPROVES)
    .description('let a bill go that waits for a person; exit code 1 when it stays held for something else')
    .argument('<account>', 'account id')
    .requiredOption('--period <month>', 'e.g. 2013-06: the period that begins in this month', month)
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--point <id>', 'only the bill of this usage point')
    .option('--demand', 'demand may stand on estimates')
    .option('--reprice', 'at the prices published now; a bill that is not held as well')
    .option('--start-day <n>', 'day of the month on which periods begin', wholeNumber(1, 28), 1)
    .option('--at <day>', 'approve as on this day instead of today', calendarDay)
    .action(approve);
}

async function approve(account: string, options: ApproveOptions): Promise<void> {
  const { at, reason } = options;
  if (reason.trim() === '') throw new UsageError('--reason says something');
  const approved = (embedded: Embedded, person: string) => approveBills(embedded.as('billing'), account, person, options);
  const billed = await asPerson(options, APPROVES, approved, clockAt(at));
  for (const one of billed) process.stdout.write(outcomeText(one));
  if (billed.some(({ events, state: { held } }) => held !== undefined && (events.length === 0 || events.at(-1)!.type === 'BillHeld')))
    process.exitCode = 1;
}

async function approveBills(
  platform: Platform,
  account: string,
  person: string,
  { period: text, startDay, point, reason, demand, reprice }: ApproveOptions,
): Promise<readonly BilledPeriod[]> {
  const period = periodOf(`${text}-${String(startDay).padStart(2, '0')}`, startDay);
  const points = await billedPoints(platform, account, period, point);
  const sources = await openBilling(platform, [account], period, { purpose: 'billing', person });
  const billed: BilledPeriod[] = [];
  for (const usagePoint of points) {
    const { held } = await sources.bill(`bill/${account}/${usagePoint}.${period.from}`);
    if (held === undefined && reprice === undefined) continue;
    const request = {
      ...{ account, usagePoint, ...period },
      ...(demand === undefined ? {} : { demandApprovedBy: person }),
      ...(reprice === undefined ? {} : { repriced: true }),
    };
    billed.push(await billPeriod(sources, request, { reason, approvedBy: person }));
  }
  if (billed.length === 0) throw new UsageError(`${account}: no bill from ${period.from} is held; see joulekeep bill show ${account}`);
  return billed;
}

/** Usage points of which the account has a bill of the period. @throws UsageError for none */
async function billedPoints(platform: Platform, account: string, { from }: PeriodDates, point?: string): Promise<readonly string[]> {
  const [before, behind] = [`bill/${account}/`, `.${from}`];
  const points = (await billStreams(platform, account))
    .filter((stream) => stream.endsWith(behind))
    .map((stream) => stream.slice(before.length, -behind.length))
    .filter((one) => point === undefined || one === point);
  if (points.length > 0) return points;
  throw new UsageError(`${account}: no bill from ${from}${point === undefined ? '' : ` at ${point}`}; see joulekeep bill show ${account}`);
}

function outcomeText({ stream, events, state: { billed, held } }: BilledPeriod): string {
  const last = events.at(-1);
  if (last?.type === 'BillComputed' || last?.type === 'BillRerated') return `${stream} went out as revision ${last.data.revision}\n`;
  if (held === undefined) return `${stream} stays as it is, revision ${billed?.revision}\n`;
  const { reasons, until } = held;
  return `${stream} stays held until ${new Date(until).toISOString().slice(0, 10)}: ${whyHeld(reasons).join(', ')}\n`;
}
