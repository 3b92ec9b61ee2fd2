import { Command } from 'commander';
import { OF_DATA } from '../../domain/billing/bill.ts';
import type { BillHeld } from '../../events/index.ts';
import { approveHeld } from '../../lambdas/billing/approve-held.ts';
import { type BilledPeriod, billPeriod } from '../../lambdas/billing/bill-period.ts';
import { billStreams } from '../../lambdas/billing/open-billing.ts';
import { utcDate } from '../../lambdas/shared/days/utc-date.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ApiRole } from '../../topology/route.ts';
import { calendarDay, instantOf, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { knownAccount } from '../terminal/known-account.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { heldAmounts, whyHeld } from '../texts/bill-text.ts';
import { clockAt, endOf, hasDay, mayBeMeant, monthOrDay, PERIOD_HELP } from './bill-period-options.ts';
import { readBills } from './named-bills.ts';

/** Who may let a held bill go. */
const APPROVES: readonly ApiRole[] = ['supervisor'];

interface ApproveOptions extends PersonOptions {
  readonly period: string;
  readonly startDay?: number;
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
    .requiredOption('--period <month or day>', PERIOD_HELP, monthOrDay)
    .option('--held-at <instant>', 'the hold that you saw, as this command shows it; without it nothing goes that is held', instantOf)
    .option('--reason <text>', 'why, for the record: wanted where something is to go, with --held-at or --reprice')
    .option('--point <id>', 'only the bill of this usage point')
    .option('--demand', 'demand may stand on estimates')
    .option('--reprice', 'a bill that went out and is not held goes out again at the prices published now')
    .option('--start-day <n>', 'day of the month on which it begins, where several begin in this month', wholeNumber(1, 31))
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
  options: ApproveOptions,
): Promise<readonly (BilledPeriod | Waiting)[]> {
  const { reason = '', heldAt, demand, reprice } = options;
  const { sources, bills } = await billsMeant(platform, account, person, options);
  const approvedBy = { reason, approvedBy: person };
  if (bills.filter(({ state: { held } }) => held !== undefined && held.at === heldAt).length > 1)
    throw new UsageError(`${account}: several bills of ${options.period} are held since that instant; say which with --point`);
  // At other prices it comes to something else than what is held, and nobody has seen that.
  const heldOne = bills.find(({ state: { held } }) => held !== undefined);
  if (reprice !== undefined && heldOne !== undefined)
    throw new UsageError(`${account} at ${heldOne.usagePoint}: the bill from ${heldOne.from} is held; let that go first, then --reprice`);
  const told: (BilledPeriod | Waiting)[] = [];
  for (const { stream, usagePoint, from, state } of bills) {
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
  if (told.length === 0) throw new UsageError(`${account}: no bill from ${bills[0]!.from} is held; see joulekeep bill show ${account}`);
  return told;
}

/** The bills of a period as they stand, one at each usage point. @throws UsageError for none, and for several at one */
async function billsMeant(platform: Platform, account: string, person: string, options: ApproveOptions) {
  const { period, point } = options;
  await knownAccount(platform, account);
  const streams = (await billStreams(platform, account)).filter((stream) => mayBeMeant(stream, options));
  const place = point === undefined ? '' : ` at ${point}`;
  const none = new UsageError(`${account}: no bill of ${period}${place}; see joulekeep bill show ${account}`);
  if (streams.length === 0) throw none;
  const { sources, bills: read } = await readBills(platform, account, streams, { purpose: 'billing', person });
  const bills = read.filter(({ state }) => hasDay(state, options));
  if (bills.length === 0) throw none;
  if (new Set(bills.map(({ usagePoint }) => usagePoint)).size < bills.length)
    throw new UsageError(`${account}: several bills begin in ${period}; say which by a day of it, or with --start-day`);
  return { sources, bills };
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
  const comesTo = rated === undefined ? '' : `, ${heldAmounts(rated)}`;
  const why = `${stream} is held until ${utcDate(until)}: ${whyHeld(reasons).join(', ')}${comesTo}\n`;
  return `${otherwise ? 'held otherwise than you saw: ' : ''}${why}  nothing was let go; ${howItGoes(waits, demand)}\n`;
}

function howItGoes({ reasons, until, at }: BillHeld, demand: boolean): string {
  if (reasons.some((reason) => OF_DATA.includes(reason)))
    return `nobody's word lets it go: it goes when its days are mended or final, or on estimates from ${utcDate(until)} on`;
  const words = reasons.includes('demand-estimated') && !demand ? '--demand --held-at' : '--held-at';
  return `to let go what you see here add ${words} ${new Date(at).toISOString()}`;
}
