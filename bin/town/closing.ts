import type { OpenDay } from '../../domain/meterday/state.ts';
import { NO_COUNTS } from '../../events/index.ts';
import { billStreams, openBilling } from '../../lambdas/billing/open-billing.ts';
import { type BillRun, runBills } from '../../lambdas/billing/run-bills.ts';
import { targetsOf } from '../../lambdas/billing/targets.ts';
import { EXCEPTIONS, type ExceptionGroup, exceptionGroups } from '../../lambdas/project/exceptions.ts';
import { dayOfStream, foldDay, openDays } from '../../lambdas/shared/days/day-streams.ts';
import { finalAt, localDayAt, plusDays } from '../../lambdas/shared/days/local-days.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Service } from '../service/service.ts';
import type { TownClock } from './clock.ts';
import { energyOfDays } from './day-readings.ts';
import { nextClosing } from './next-closing.ts';
import type { Recorded } from './reconciliation.ts';

const MINUTE = 60_000;

/** What was played, UTC ms, in which zone; `ends` when nothing can follow, as at the end of a file. */
export interface ClosingSpan {
  /** Where the town began, in this play or one before. */
  readonly since: number;
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  readonly ends: boolean;
}

/** Local dates; `until` is the first day after. */
interface Window {
  readonly from: string;
  readonly until: string;
}

/** What the whole local days of a play came to. */
export interface Closing {
  readonly window: Window;
  readonly days: ClosedDays;
  /** Wh of the readings of these days by the segments' streams, with the multipliers in force. */
  readonly readingsWh: number;
  readonly exceptions: readonly ExceptionGroup[];
  /** Of the days since the last bill, of however many plays; undefined when all of them are billed. */
  readonly bills: BillRun | undefined;
  readonly holds: boolean;
}

export interface ClosedDays {
  readonly final: number;
  readonly provisional: number;
  readonly held: number;
  readonly slots: { readonly measured: number; readonly estimated: number; readonly held: number; readonly missing: number };
  /** Wh of the records in force, held or not. */
  readonly recordsWh: number;
}

/**
 * Lets the clock run until the last whole local day that was played is closed, then bills the days.
 * @returns undefined when no whole local day was played
 */
export async function closeBooks(service: Service, clock: TownClock, span: ClosingSpan, recorded: Recorded): Promise<Closing | undefined> {
  const whole = windowOf({ ...span, from: span.since });
  if (whole === undefined) return undefined;
  const last = plusDays(whole.until, -1);
  const { platform } = service;
  const closing = await nextClosing(platform.as('close-day'), clock.now(), span.zone);
  clock.step(Math.max(span.ends ? finalAt(last, span.zone) : 0, closing) + 5 * MINUTE);
  await service.settle();
  const open = await unbilled(platform, whole);
  const window = { from: earlierOf(windowOf(span)?.from ?? last, open?.from ?? last), until: whole.until };
  const days = await closedDays(platform, window);
  const readingsWh = await energyOfDays(platform.as('auditor'), recorded, window, span.zone);
  const exceptions = await exceptionGroups(platform.as('project').models.table(EXCEPTIONS), window.from, window.until);
  const bills = open === undefined ? undefined : await billWindow(platform, open);
  const holds = days.recordsWh === readingsWh && (bills?.failed ?? []).length === 0;
  return { window, days, readingsWh, exceptions, bills, holds };
}

/** Of two dates. */
function earlierOf(one: string, other: string): string {
  return one < other ? one : other;
}

/** From where no bill reaches: a play that broke off billed nothing, and the month before may have its bills already. */
async function unbilled(platform: Embedded, { from, until }: Window): Promise<Window | undefined> {
  const billing = platform.as('billing');
  const accounts = [...new Set((await targetsOf(billing, { from, until })).map(({ account }) => account))];
  if (accounts.length === 0) return undefined;
  const sources = await openBilling(billing, accounts, { from, until });
  let begin = from;
  for (const account of accounts) {
    for (const stream of await billStreams(billing, account)) {
      const { billed, held } = await sources.bill(stream);
      const period = billed?.statement.period ?? held?.period;
      if (period !== undefined && period.until > begin) begin = period.until;
    }
  }
  return begin < until ? { from: begin, until } : undefined;
}

function windowOf({ from, to, zone }: ClosingSpan): Window | undefined {
  const first = localDayAt(from / 1000, zone);
  const begin = first.start * 1000 === from ? first.day : plusDays(first.day, 1);
  const until = localDayAt(to / 1000, zone).day;
  return begin < until ? { from: begin, until } : undefined;
}

async function billWindow(platform: Embedded, window: Window): Promise<BillRun> {
  const billing = platform.as('billing');
  const targets = await targetsOf(billing, window);
  const accounts = targets.map(({ account }) => account);
  return runBills(await openBilling(billing, accounts, window), targets, window);
}

async function closedDays(platform: Embedded, window: Window): Promise<ClosedDays> {
  const auditor = platform.as('auditor');
  const names: string[] = [];
  for await (const stream of auditor.events.streams('meterday/')) {
    const { day } = dayOfStream(stream);
    if (day >= window.from && day < window.until) names.push(stream);
  }
  const total = { final: 0, provisional: 0, held: 0, slots: { measured: 0, estimated: 0, held: 0, missing: 0 }, recordsWh: 0 };
  if (names.length === 0) return total;
  const access = await openDays(
    platform.as('billing'),
    'billing',
    names.map((stream) => ({ stream })),
  );
  for (const stream of names) {
    const state = await foldDay(platform.as('billing'), stream, access);
    if (state.status === 'open') addDay(total, state);
  }
  return total;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] extends number ? T[Key] : Writable<T[Key]> };

function addDay(total: Writable<ClosedDays>, { final, outcome, channels, slots }: OpenDay): void {
  if (final) total.final++;
  else total.provisional++;
  if (outcome?.held) total.held++;
  for (const { measured, estimated, edited, held, missing } of outcome?.channels ?? []) {
    total.slots.measured += measured;
    total.slots.estimated += estimated + edited;
    total.slots.held += held;
    total.slots.missing += missing;
  }
  for (const channel of channels) {
    if (channel === undefined) continue;
    for (let slot = 0; slot < slots; slot++) {
      const counts = channel.counts[slot]!;
      if (counts !== NO_COUNTS) total.recordsWh += counts * channel.perCount;
    }
  }
}
