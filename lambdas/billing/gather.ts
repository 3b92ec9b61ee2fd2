import type { BillState } from '../../domain/billing/bill.ts';
import type { BillingInput, Carried, RatedDay, TrueUp } from '../../domain/billing/billing-input.ts';
import { daysOf, type PeriodDates } from '../../domain/billing/period-calendar.ts';
import { chargedMicro } from '../../domain/billing/rating.ts';
import { addDays, addMonths } from '../../domain/tariff/dates.ts';
import { type BillStatement, JoulekeepError } from '../../events/index.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import { emptyChannel, trueUpsIn } from './bill-basis.ts';
import { billStream } from './bill-stream.ts';
import { billingPolicy } from './billing-policy.ts';
import { tariffsOf } from './charged-tariffs.ts';
import { localMinutesOf } from './local-minutes.ts';
import { placesOf, spansOf, standingDaysOf } from './places.ts';
import type { BillingSources, DayPlace, RecordedDay } from './sources.ts';

/** A bill to be made or made again. */
export interface BillRequest extends PeriodDates {
  readonly account: string;
  readonly usagePoint: string;
  /** Takes prices as they are published now, also where a bill went out at others. */
  readonly repriced?: boolean;
  /** A person lets demand stand on estimates. */
  readonly demandApprovedBy?: string;
}

/** Everything around the bill that is recorded already. */
export interface Ledger {
  readonly state: BillState;
  /** The bill of the period before. */
  readonly previous: BillState | undefined;
  /** The bill of the same period a year before. */
  readonly lastYear: BillState | undefined;
  /** Re-ratings that no bill settles yet. */
  readonly unsettled: readonly TrueUp[];
  /** Of another bill that covers some of the days; looked for where the period was not billed yet. */
  readonly overlapped: PeriodDates | undefined;
}

/** No period is longer. */
export const LONGEST_PERIOD_DAYS = 400;

/** Whether the bill that begins on a day may have another in its period: of older ones nobody needs access. */
export function mayHold(first: string, day: string): boolean {
  return first <= day && day < addDays(first, LONGEST_PERIOD_DAYS);
}

/** Bills further back settle nothing any more. */
const LOOK_BACK_MONTHS = 13;

/** What the account's other bills mean to this one. */
export async function openLedger(sources: BillingSources, request: BillRequest): Promise<Ledger> {
  const { account, usagePoint, from } = request;
  const [oldest, yearAgo] = [addMonths(from, -LOOK_BACK_MONTHS), addMonths(from, -12)];
  const others = (await sources.firstDays(account, usagePoint)).filter((first) => first !== from && first >= oldest);
  const streams = others.map((first) => ({ first, stream: billStream({ account, usagePoint, from: first }) }));
  const bills = await Promise.all(streams.map(async ({ first, stream }) => ({ first, stream, state: await sources.bill(stream) })));
  const settled = new Set(bills.flatMap(({ state }) => trueUpsOf(state)).map(({ corrects }) => corrects));
  const earlier = bills.filter(({ first }) => first < from);
  const unsettled = earlier.flatMap(({ stream, state }) =>
    state.reratings
      .map(({ revision, differenceMicro }) => ({ corrects: `${stream}#${revision}`, differenceMicro }))
      .filter(({ corrects, differenceMicro }) => differenceMicro !== 0n && !settled.has(corrects)),
  );
  const lastYear = bills.find(({ first }) => first === yearAgo)?.state;
  const state = await sources.bill(billStream(request));
  const overlapped = overlappedBy([state, ...bills.map((one) => one.state)], request);
  return { state, previous: earlier.at(-1)?.state, lastYear, unsettled, overlapped };
}

/** A day is billed once: a period that has its own bill keeps it. */
function overlappedBy(bills: readonly BillState[], { from, until }: PeriodDates): PeriodDates | undefined {
  const periods = bills.flatMap(({ billed, held }) => billed?.statement.period ?? held?.period ?? []);
  if (periods.some((period) => period.from === from && period.until === until)) return undefined;
  return periods.find((period) => period.from < until && from < period.until);
}

/** The input of a bill, and the zone of its usage point. */
export type GatheredInput = BillingInput & { readonly zone: string };

/** @throws ERR_NO_TENANCY when the period has no instant of the account, ERR_TARIFF_MISSING, and what the sources throw */
export async function gather(sources: BillingSources, request: BillRequest, ledger: Ledger): Promise<GatheredInput> {
  const { account, usagePoint, from, until } = request;
  const point = await sources.point(usagePoint);
  const spans = spansOf(point, account, request);
  const issued = ledger.state.billed !== undefined || ledger.state.held !== undefined;
  // Whose days all went to others pays for none of them: a bill of nothing takes the place of what was.
  if (spans.length === 0 && !issued)
    throw new JoulekeepError('ERR_NO_TENANCY', `${account} has no tenancy at ${usagePoint} from ${from} to ${until}`);
  const places = placesOf(point, account, request);
  const recorded = await sources.days(places);
  const { billed } = ledger.state;
  const days = places.map((place, i) => ratedDay(place, recorded[i], point.zone));
  const demandApprovedBy = request.demandApprovedBy ?? (sameDays(billed?.statement, days) ? billed?.demandApprovedBy : undefined);
  const { backBillingMonths } = billingPolicy(point.meterClass);
  return {
    period: { accountId: account, usagePoint, from, until },
    meterClass: point.meterClass,
    zone: point.zone,
    calendarDays: daysOf(request).length,
    spans,
    standingDays: standingDaysOf(spans, request, point.zone),
    days,
    notFinal: recorded.filter((day) => day?.final !== true).length,
    tariffs: await tariffsOf(sources, point, spans, request, billed?.statement),
    brought: carriedBy(ledger.previous?.billed?.statement),
    trueUps: billed === undefined ? ledger.unsettled : trueUpsOf(ledger.state),
    chargeableFrom: addMonths(localDayAt(Math.floor(sources.clock.now() / 1000), point.zone).day, -backBillingMonths),
    ...(billed === undefined ? {} : { billedMicro: chargedMicro(billed.statement) }),
    ...(demandApprovedBy === undefined ? {} : { demandApprovedBy }),
  };
}

/** An approval of estimated demand is one of the days it looked at. */
function sameDays(statement: BillStatement | undefined, days: readonly RatedDay[]): boolean {
  const final = days.filter(({ revision }) => revision > 0);
  const known = new Map(statement?.inputs.map(({ stream, revision }) => [stream, revision]));
  return final.length === known.size && final.every(({ stream, revision }) => known.get(stream) === revision);
}

/** A day that is not final is a frame without values: billing reads final days only. */
export function ratedDay(
  { stream, day, start, end, minutes, channels }: DayPlace,
  recorded: RecordedDay | undefined,
  zone: string,
): RatedDay {
  const slots = (end - start) / (minutes * 60);
  const frame = { stream, day, start, minutes, localMinutes: localMinutesOf(start, slots, minutes, zone) };
  if (recorded?.final !== true)
    return { ...frame, revision: 0, held: false, channels: channels.map((channel) => emptyChannel(channel, slots)) };
  const { revision, held } = recorded;
  const values = recorded.channels.map(({ asset: { obis, direction, unit }, ...rest }) => ({ obis, direction, unit, ...rest }));
  return { ...frame, revision, held, channels: values };
}

function carriedBy(statement: BillStatement | undefined): Carried {
  const energy = Object.entries(statement?.carriedWh ?? {}).map(([code, energyWh]) => [code, BigInt(energyWh)] as const);
  return { energyWh: Object.fromEntries(energy), moneyMicro: BigInt(statement?.carriedMicro ?? 0) };
}

/** Settled by this bill. */
function trueUpsOf({ billed }: BillState): readonly TrueUp[] {
  return trueUpsIn(billed?.statement.lines ?? []);
}
