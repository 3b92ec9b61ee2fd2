import { Command } from 'commander';
import { type BillState, OF_DATA } from '../../domain/billing/bill.ts';
import { addMonths } from '../../domain/tariff/dates.ts';
import type { BillHeld } from '../../events/index.ts';
import { approveHeld } from '../../lambdas/billing/approve-held.ts';
import { type BilledPeriod, billPeriod } from '../../lambdas/billing/bill-period.ts';
import { billStream } from '../../lambdas/billing/bill-stream.ts';
import { billStreams, openBilling } from '../../lambdas/billing/open-billing.ts';
import { utcDate } from '../../lambdas/shared/days/utc-date.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ApiRole } from '../../topology/route.ts';
import { calendarDay, instantOf, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { whyHeld } from '../texts/bill-text.ts';
import { moneyText } from '../texts/money-text.ts';
import { clockAt, month } from './bill-period-options.ts';

/** Who may let a held bill go. */
const APPROVES: readonly ApiRole[] = ['supervisor'];

interface ApproveOptions extends PersonOptions {
  readonly period: string;
  readonly startDay: number;
  readonly point?: string;
  readonly reason?: string;
  readonly heldAt?: number;
  readonly demand?: true;
  readonly reprice?: true;
  readonly at?: number;
}

/** `joulekeep bill approve ACCOUNT`: exit code 1 when a bill stays held. */
export function approveCommand(): Command {
  return withPersonOptions(new Command('approve'), APPROVES)
    .description('show what holds a bill that waits for a person, and let it go by what was shown; exit code 1 when it stays held')
    .argument('<account>', 'account id')
    .requiredOption('--period <month>', 'e.g. 2013-06: the period that begins in this month', month)
    .option('--held-at <instant>', 'the hold that you saw, as this command shows it; without it nothing goes that is held', instantOf)
    .option('--reason <text>', 'why, for the record: wanted where something is to go, with --held-at or --reprice')
    .option('--point <id>', 'only the bill of this usage point')
    .option('--demand', 'demand may stand on estimates')
    .option('--reprice', 'a bill that went out and is not held goes out again at the prices published now')
    .option('--start-day <n>', 'day of the month on which the bill begins', wholeNumber(1, 31), 1)
    .option('--at <day>', 'approve as on this day instead of today', calendarDay)
    .action(approve);
}

async function approve(account: string, options: ApproveOptions): Promise<void> {
  const { at, reason = '', heldAt, reprice } = options;
  if ((heldAt !== undefined || reprice !== undefined) && reason.trim() === '')
    throw new UsageError('--reason says why, where something is to go: --held-at and --reprice want it');
  const approved = (embedded: Embedded, person: string) => approveBills(embedded.as('billing'), account, person, options);
  const billed = await asPerson(options, APPROVES, approved, clockAt(at));
  for (const one of billed) process.stdout.write(outcomeText(one));
  if (billed.some(isHeldStill)) process.exitCode = 1;
}

/** A bill that is held, and that nobody has said a word about yet: `otherwise` where somebody did of another hold. */
interface Waiting {
  readonly stream: string;
  readonly waits: BillHeld;
  readonly otherwise: boolean;
  /** Said already: demand may stand on estimates. */
  readonly demand: boolean;
}

async function approveBills(
  platform: Platform,
  account: string,
  person: string,
  { period: text, startDay, point, reason = '', heldAt, demand, reprice }: ApproveOptions,
): Promise<readonly (BilledPeriod | Waiting)[]> {
  const from = `${text}-${String(startDay).padStart(2, '0')}`;
  const points = await billedPoints(platform, account, from, point);
  const sources = await openBilling(platform, [account], { from, until: addMonths(from, 1) }, { purpose: 'billing', person });
  const approvedBy = { reason, approvedBy: person };
  const bills = await Promise.all(
    points.map(async (usagePoint) => ({ usagePoint, state: await sources.bill(billStream({ account, usagePoint, from })) })),
  );
  if (bills.filter(({ state: { held } }) => held !== undefined && held.at === heldAt).length > 1)
    throw new UsageError(`${account}: several bills from ${from} are held since that instant; say which with --point`);
  // At other prices it comes to something else than what is held, and nobody has seen that.
  const heldOne = bills.find(({ state: { held } }) => held !== undefined);
  if (reprice !== undefined && heldOne !== undefined)
    throw new UsageError(`${account} at ${heldOne.usagePoint}: the bill from ${from} is held; let that go first, then --reprice`);
  const told: (BilledPeriod | Waiting)[] = [];
  for (const { usagePoint, state } of bills) {
    const stream = billStream({ account, usagePoint, from });
    const until = endOf(state);
    if (until === undefined) continue;
    const request = { account, usagePoint, from, until, ...(demand === undefined ? {} : { demandApprovedBy: person }) };
    const { held } = state;
    if (held !== undefined && held.at !== heldAt) {
      told.push({ stream, waits: held, otherwise: heldAt !== undefined, demand: demand !== undefined });
    } else if (held === undefined && reprice !== undefined) {
      told.push(await billPeriod(sources, { ...request, repriced: true }, approvedBy));
    } else if (held !== undefined) told.push(await approveHeld(sources, request, { ...approvedBy, ofHold: held.at }));
  }
  if (told.length === 0) throw new UsageError(`${account}: no bill from ${from} is held; see joulekeep bill show ${account}`);
  return told;
}

/** The first day after the bill, whose days need not be a month. */
function endOf({ held, billed }: BillState): string | undefined {
  return (billed?.statement.period ?? held?.period)?.until;
}

/** Usage points of which the account has a bill that begins on a day. @throws UsageError for none */
async function billedPoints(platform: Platform, account: string, from: string, point?: string): Promise<readonly string[]> {
  const [before, behind] = [`bill/${account}/`, `.${from}`];
  const points = (await billStreams(platform, account))
    .filter((stream) => stream.endsWith(behind))
    .map((stream) => stream.slice(before.length, -behind.length))
    .filter((one) => point === undefined || one === point);
  if (points.length > 0) return points;
  throw new UsageError(`${account}: no bill from ${from}${point === undefined ? '' : ` at ${point}`}; see joulekeep bill show ${account}`);
}

function isHeldStill(one: BilledPeriod | Waiting): boolean {
  if ('waits' in one) return true;
  const { events, state } = one;
  return state.held !== undefined && (events.length === 0 || events.at(-1)!.type === 'BillHeld');
}

function outcomeText(one: BilledPeriod | Waiting): string {
  if ('waits' in one) return waitingText(one);
  const { stream, events, state } = one;
  const { billed, held } = state;
  const last = events.at(-1);
  if (last?.type === 'BillComputed' || last?.type === 'BillRerated') return `${stream} went out as revision ${last.data.revision}\n`;
  if (held === undefined) return `${stream} stays as it is, revision ${billed?.revision}\n`;
  return `${stream} stays held until ${utcDate(held.until)}: ${whyHeld(held.reasons).join(', ')}\n`;
}

function waitingText({ stream, waits, otherwise, demand }: Waiting): string {
  const { reasons, until, rated } = waits;
  const withDemand = rated?.withDemand === undefined ? '' : `, with estimated demand to ${moneyText(rated.withDemand.totalMicro)}`;
  const comesTo = rated === undefined ? '' : `, comes to ${moneyText(rated.totalMicro)} ${rated.currency}${withDemand}`;
  const why = `${stream} is held until ${utcDate(until)}: ${whyHeld(reasons).join(', ')}${comesTo}\n`;
  return `${otherwise ? 'held otherwise than you saw: ' : ''}${why}  nothing was let go; ${howItGoes(waits, demand)}\n`;
}

function howItGoes({ reasons, until, at }: BillHeld, demand: boolean): string {
  if (reasons.some((reason) => OF_DATA.includes(reason)))
    return `nobody's word lets it go: it goes when its days are mended or final, or on estimates from ${utcDate(until)} on`;
  const words = reasons.includes('demand-estimated') && !demand ? '--demand --held-at' : '--held-at';
  return `to let go what you see here add ${words} ${new Date(at).toISOString()}`;
}
