import { Command } from 'commander';
import { type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { type BilledPeriod, billPeriod } from '../../lambdas/billing/bill-period.ts';
import { billStreams, openBilling } from '../../lambdas/billing/open-billing.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { withState } from '../service/state.ts';
import { calendarDay, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { whyHeld } from '../texts/bill-text.ts';
import { clockAt, month } from './bill-period-options.ts';

/** Who may let a held bill go. */
const ROLE = 'supervisor';
const PERSON = /^[a-z0-9][a-z0-9-]{0,62}$/;

interface ApproveOptions {
  readonly state: string;
  readonly period: string;
  readonly startDay: number;
  readonly point?: string;
  readonly as: string;
  readonly role: string;
  readonly reason: string;
  readonly demand?: true;
  readonly reprice?: true;
  readonly at?: number;
}

/** `joulekeep bill approve ACCOUNT`: exit code 1 when a bill stays held. */
export function approveCommand(): Command {
  return new Command('approve')
    .description('let a bill go that waits for a person; exit code 1 when it stays held for something else')
    .argument('<account>', 'account id')
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .requiredOption('--period <month>', 'e.g. 2013-06: the period that begins in this month', month)
    .requiredOption('--as <name>', 'who approves, as in their certificate')
    .requiredOption('--role <role>', `role of the person: ${ROLE}`)
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--point <id>', 'only the bill of this usage point')
    .option('--demand', 'demand may stand on estimates')
    .option('--reprice', 'at the prices published now; a bill that is not held as well')
    .option('--start-day <n>', 'day of the month on which periods begin', wholeNumber(1, 28), 1)
    .option('--at <day>', 'approve as on this day instead of today', calendarDay)
    .action(approve);
}

async function approve(account: string, options: ApproveOptions): Promise<void> {
  const { state, at, role, as: person, reason } = options;
  if (role !== ROLE) throw new UsageError(`--role ${role}: a ${ROLE} approves bills`);
  if (!PERSON.test(person)) throw new UsageError(`--as ${person}: a person is named by a-z, 0-9 and dashes, at most 63`);
  if (reason.trim() === '') throw new UsageError('--reason says something');
  const billed = await withState(state, (embedded) => approveBills(embedded.as('billing'), account, options), clockAt(at));
  for (const one of billed) process.stdout.write(outcomeText(one));
  if (billed.some(({ events, state: { held } }) => held !== undefined && (events.length === 0 || events.at(-1)!.type === 'BillHeld')))
    process.exitCode = 1;
}

async function approveBills(platform: Platform, account: string, options: ApproveOptions): Promise<readonly BilledPeriod[]> {
  const { period: text, startDay, point, as: person, reason, demand, reprice } = options;
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
