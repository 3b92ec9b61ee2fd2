import { type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { UsagePointCommand } from '../../domain/usagepoint/usagepoint-command.ts';
import type { OpenUsagePoint, UsagePointState } from '../../domain/usagepoint/usagepoint-state.ts';
import { type BillStatement, JoulekeepError, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { billStream } from '../billing/bill-stream.ts';
import { type BillRequest, gather, type Ledger, openLedger } from '../billing/gather.ts';
import { openBilling } from '../billing/open-billing.ts';
import { spansOf } from '../billing/places.ts';
import type { BillingSources } from '../billing/sources.ts';
import { usagePointState } from '../register/change-point.ts';
import { touchedDays } from '../register/realign-days.ts';
import { openDays } from '../shared/days/day-streams.ts';
import { localDay, localDayAt } from '../shared/days/local-days.ts';
import { ofFinalDays } from './money.ts';
import { PointDays } from './point-days.ts';

/** What a change of a usage point would do to one bill; decimal texts of micro-currency and of Wh. */
export interface BillChange extends PeriodDates {
  readonly account: string;
  /** A bill of the period has gone out. */
  readonly issued: boolean;
  readonly currency: string;
  readonly beforeMicro: string;
  readonly afterMicro: string;
  readonly beforeWh: string;
  readonly afterWh: string;
  /** Days of the period that are not final yet; they count on neither side unless a bill went out without them. */
  readonly notFinal: number;
}

export interface PointPreview {
  readonly unchanged: boolean;
  readonly bills: readonly BillChange[];
  readonly notRated: readonly (PeriodDates & { readonly account: string; readonly code: string })[];
}

/** A change that is only looked at. */
export interface PointChange {
  readonly usagePoint: string;
  readonly commands: readonly UsagePointCommand[];
  /** UTC ms: what is used before it stays as it is. */
  readonly since: number;
  /** Meters whose days it touches. */
  readonly meterIds: readonly string[];
  /** Bills that went out take the tariffs in force, not those they stand on. */
  readonly repriced: boolean;
}

/** What a change would do to energy and money of every bill it touches, at the prices they went out at; nothing is recorded. */
export async function previewPoint(platform: Platform, person: string, change: PointChange): Promise<PointPreview> {
  const before = await usagePointState(platform, change.usagePoint);
  const { after, unchanged } = decided(before, change.commands);
  const periods = await periodsOf(platform, person, before, change);
  const bills: BillChange[] = [];
  const notRated: PointPreview['notRated'][number][] = [];
  if (unchanged || periods.length === 0) return { unchanged, bills, notRated };
  const days = await recordedDays(platform, person, before, change, periods[0]!.from);
  for (const { sources, ...request } of periods) {
    try {
      bills.push(await billChange(sources, request, { before, after, repriced: change.repriced, days }));
    } catch (error) {
      if (!(error instanceof JoulekeepError) || error.retryable) throw error;
      const { account, from, until } = request;
      notRated.push({ account, from, until, code: error.code });
    }
  }
  return { unchanged, bills, notRated };
}

/** @throws what the usage point's rules throw */
function decided(before: OpenUsagePoint, commands: readonly UsagePointCommand[]): { after: OpenUsagePoint; unchanged: boolean } {
  let state: UsagePointState = before;
  let unchanged = true;
  for (const command of commands) {
    for (const event of usagePoint.decide(command, state)) {
      state = usagePoint.evolve(state, event);
      unchanged = false;
    }
  }
  return { after: state as OpenUsagePoint, unchanged };
}

type Rated = BillRequest & { readonly sources: BillingSources };

/** Bills of the tenants since then, and calendar months of recorded days that no bill covers yet. */
async function periodsOf(platform: Platform, person: string, point: OpenUsagePoint, change: PointChange): Promise<readonly Rated[]> {
  const first = localDayAt(Math.floor(change.since / 1000), point.zone).day;
  const touched = await touchedDays(platform, point, metersOf(point, change), change.since);
  const months = [...new Map(touched.map(({ day }) => periodOf(day, 1)).map((month) => [month.from, month])).values()];
  const whole = { from: periodOf(first, 1).from, until: months.at(-1)?.until ?? periodOf(first, 1).until };
  const subjects = [...new Set(point.tenancy.map(({ subject }) => subject))].filter((subject) => subject !== UTILITY);
  if (subjects.length === 0) return [];
  const sources = await openBilling(platform, subjects, whole, { purpose: 'editing', person });
  const requests: Rated[] = [];
  for (const account of subjects) {
    const billed = await billedPeriods(sources, account, point.usagePoint);
    const open = months.filter(
      (month) => !billed.some((bill) => bill.from < month.until && month.from < bill.until) && spansOf(point, account, month).length > 0,
    );
    for (const period of [...billed.filter(({ until }) => until > first), ...open])
      requests.push({ account, usagePoint: point.usagePoint, ...period, sources });
  }
  return requests.sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** Those that ever hung there, and those to come. */
function metersOf(
  { installations }: Pick<OpenUsagePoint, 'installations'>,
  { meterIds }: Pick<PointChange, 'meterIds'>,
): readonly string[] {
  return [...new Set([...installations.map(({ meterId }) => meterId), ...meterIds])];
}

async function billedPeriods(sources: BillingSources, account: string, id: string): Promise<PeriodDates[]> {
  const firsts = await sources.firstDays(account, id);
  const states = await Promise.all(firsts.map((from) => sources.bill(billStream({ account, usagePoint: id, from }))));
  return states.flatMap(({ billed, held }) => {
    const period = billed?.statement.period ?? held?.period;
    return period === undefined ? [] : [{ from: period.from, until: period.until }];
  });
}

/** What is recorded of the meters, from a local date on. */
async function recordedDays(
  platform: Platform,
  person: string,
  point: OpenUsagePoint,
  change: PointChange,
  from: string,
): Promise<PointDays> {
  const meterIds = metersOf(point, change);
  const streams = (await touchedDays(platform, point, meterIds, localDay(from, point.zone).start * 1000)).flatMap(({ names }) => names);
  const days =
    streams.length === 0 ? [{ stream: `meterday/${meterIds[0]}/${from}`, subject: UTILITY }] : streams.map((stream) => ({ stream }));
  return new PointDays(platform, await openDays(platform, 'editing', days, { person }), streams);
}

interface Sides {
  readonly before: OpenUsagePoint;
  readonly after: OpenUsagePoint;
  readonly repriced: boolean;
  readonly days: PointDays;
}

async function billChange(sources: BillingSources, request: BillRequest, { before, after, repriced, days }: Sides): Promise<BillChange> {
  const ledger = await openLedger(sources, request);
  const { stays } = await sources.point(request.usagePoint);
  const as = (point: OpenUsagePoint): BillingSources => ({
    ...sources,
    point: async () => ({ ...point, stays }),
    days: (places) => Promise.all(places.map((place) => days.at(point, place))),
  });
  const was = await rated(as(before), request, ledger);
  const will = await rated(as(after), repriced ? { ...request, repriced } : request, ledger);
  const { account, from, until } = request;
  return {
    ...{ account, from, until, issued: ledger.state.billed !== undefined, currency: will.statement.currency, notFinal: will.notFinal },
    ...{ beforeMicro: was.statement.totalMicro, afterMicro: will.statement.totalMicro },
    ...{ beforeWh: was.statement.importWh ?? '0', afterWh: will.statement.importWh ?? '0' },
  };
}

async function rated(
  sources: BillingSources,
  request: BillRequest,
  ledger: Ledger,
): Promise<{ readonly statement: BillStatement; readonly notFinal: number }> {
  const input = await gather(sources, request, ledger);
  const { statement } = ratePeriod(ledger.state.billed === undefined ? ofFinalDays(input) : input);
  return { statement, notFinal: input.notFinal };
}
