import { type BillState, bill } from '../../domain/billing/bill.ts';
import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import { addDays, addMonths } from '../../domain/tariff/dates.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { usagePointState } from '../register/change-point.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { pointOf } from '../shared/days/points.ts';
import { runDecider } from '../shared/streams.ts';
import { LONGEST_PERIOD_DAYS } from './gather.ts';
import { type BillingReader, recordedDays } from './recorded-days.ts';
import type { BilledPoint, BillingSources } from './sources.ts';
import { TariffLibrary } from './tariff-library.ts';
import { noteWaiting } from './waiting-bills.ts';

/** Earlier bills matter to a bill: use of the year before, credit, differences to settle. */
const LOOK_BACK_MONTHS = 13;
const DAY_MS = 86_400_000;

/**
 * Opens what billing needs for a run, with one DataAccessed that names every account of it. The window begins 13 months before
 * the period, because bills of that time are read, and ends after the last bill there can be.
 * @param on for what, and on whose behalf, when it is not billing itself
 * @param library of whoever has one already
 * @throws ERR_ACCESS_EMPTY for no accounts
 */
export async function openBilling(
  platform: Platform,
  accounts: readonly string[],
  period: PeriodDates,
  on: BillingReader = { purpose: 'billing' },
  library: TariffLibrary = new TariffLibrary(platform),
): Promise<BillingSources> {
  const from = utcMidnight(addMonths(period.from, -LOOK_BACK_MONTHS));
  const ends = [utcMidnight(addDays(period.until, 2)), platform.clock.now() + DAY_MS];
  // Bills that follow are looked at again, and whoever bills as on an earlier day has a clock that stands before them.
  const later = (await lastFirstDay(platform, accounts)) ?? period.from;
  if (later > period.from) ends.push(utcMidnight(addDays(later, LONGEST_PERIOD_DAYS)));
  const until = Math.max(...ends);
  const access = await openSubjectData(platform, { ...on, from, until, subjects: accounts });
  return sourcesOf(platform, access, on, library);
}

function sourcesOf(platform: Platform, access: SubjectAccess, on: BillingReader, library: TariffLibrary): BillingSources {
  const { clock, events } = platform;
  return {
    clock,
    point: (id) => billedPoint(platform, id),
    days: (places) => recordedDays(platform, access, places, on),
    tariff: (id) => library.versions(id),
    bill: (stream) => readBill(platform, access, stream),
    record: async (stream, subject, command) => {
      const recorded = await runDecider(events, stream, bill, command, undefined, { subject: { of: 'billing', subject }, access });
      await noteBill(platform, stream, recorded.state.billed?.at);
      const { period } = command.statement;
      await noteWaiting(platform, period, { account: period.accountId, usagePoint: period.usagePoint }, recorded.state.held !== undefined);
      return recorded;
    },
    firstDays: (account, usagePoint) => firstDays(platform, `${account}/${usagePoint}.`),
  };
}

async function billedPoint(platform: Platform, id: string): Promise<BilledPoint> {
  const point = await usagePointState(platform, id);
  const meters = [...new Set(point.installations.map(({ meterId }) => meterId))];
  const found = await pointOf(platform, meters);
  return { ...point, stays: new Map(meters.map((meterId, i) => [meterId, found[i]!])) };
}

/** A bill as it stands; of one that was never recorded the beginning. */
export async function readBill({ events }: Pick<Platform, 'events'>, access: SubjectAccess, stream: string): Promise<BillState> {
  let state = bill.initial;
  for await (const commit of events.read(stream, 0, access)) state = commit.events.reduce(bill.evolve, state);
  return state;
}

/** Streams of an account's bills, for whoever lists them; the directory can be made anew from the streams. */
export async function billStreams({ directory }: Pick<Platform, 'directory'>, account: string): Promise<readonly string[]> {
  const streams: string[] = [];
  for await (const { key } of directory.list(`bills/${account}/`)) streams.push(key.replace(/^bills/, 'bill'));
  return streams;
}

/** Whether there is a bill of it at all, held or out: what could not be rated has none. */
export async function isRecorded({ directory }: Pick<Platform, 'directory'>, stream: string): Promise<boolean> {
  return (await directory.get(noteKey(stream))) !== undefined;
}

/** On which the newest bill of these accounts begins. */
async function lastFirstDay(platform: Platform, accounts: readonly string[]): Promise<string | undefined> {
  const streams = await Promise.all(accounts.map((account) => billStreams(platform, account)));
  return streams
    .flat()
    .map((stream) => stream.slice(-10))
    .sort()
    .at(-1);
}

/** UTC ms of the last bill of an account that is known to have gone out; 0 where it is not known when, undefined without bills. */
export async function lastBilledAt({ directory }: Pick<Platform, 'directory'>, account: string): Promise<number | undefined> {
  let last: number | undefined;
  for await (const { value } of directory.list(`bills/${account}/`)) last = Math.max(last ?? 0, Number(value.toString()));
  return last;
}

/** @param billedAt when it last went out, UTC ms; undefined when it has not yet */
async function noteBill({ directory }: Pick<Platform, 'directory'>, stream: string, billedAt: number | undefined): Promise<void> {
  await directory.put([{ key: noteKey(stream), value: Buffer.from(billedAt === undefined ? '' : String(billedAt)) }]);
}

const noteKey = (stream: string): string => stream.replace(/^bill/, 'bills');

async function firstDays({ directory }: Pick<Platform, 'directory'>, prefix: string): Promise<readonly string[]> {
  const days: string[] = [];
  for await (const { key } of directory.list(`bills/${prefix}`)) days.push(key.slice(`bills/${prefix}`.length));
  return days.sort();
}

function utcMidnight(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}
