import type { BillEstimate } from '../../api/customer-account.ts';
import { type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { addDays, addMonths } from '../../domain/tariff/dates.ts';
import { NO_CURRENCY } from '../../domain/tariff/money.ts';
import { billStream } from '../billing/bill-stream.ts';
import { START_DAY } from '../billing/due-runs.ts';
import { gather, openLedger, ratedDay } from '../billing/gather.ts';
import { openBilling } from '../billing/open-billing.ts';
import { placesOf, spansOf, standingDaysOf } from '../billing/places.ts';
import type { BilledPoint, BillingSources } from '../billing/sources.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { latestDueDay, localDayAt } from '../shared/days/local-days.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { type AccountDesk, notOwn, ownAccount, ownPoints } from './account-desk.ts';
import { lineText } from './line-text.ts';
import { outlookOf, type PeriodOutlook, type RatedSoFar } from './outlook.ts';
import { type TypicalBill, typicalOf } from './typical-bill.ts';

/** Shares of the readings, in basis points, from which on energy and money are shown. */
const ENERGY_FROM = 7_500;
const MONEY_FROM = 9_500;
/** What is usual is learnt from. */
const HISTORY_DAYS = 28;
const TYPICAL_MONTHS = 12;

/**
 * The bill of the period that is going on, as far as it is known and as it may end, rated as bills are.
 * @throws ERR_NOT_OWN for a usage point that is not the customer's in this period
 */
export async function showBillEstimate(desk: AccountDesk, { caller, path }: Call<'showBillEstimate'>): Promise<Answer> {
  const [account, { usagePoint }] = [caller.person, path];
  if (!ownPoints(await ownAccount(desk, account)).includes(usagePoint)) throw notOwn();
  // In which period the clock stands, the zone says: until it is known, a day more either way is opened.
  const around = periodOf(utcDate(desk.clock.now()), START_DAY);
  const opened = { from: addDays(around.from, -1), until: addDays(around.until, 1) };
  const reader = { purpose: 'customer-view', person: account } as const;
  const sources = asCustomersSee(await openBilling(desk, [account], opened, reader, desk.tariffs.library));
  const point = await sources.point(usagePoint);
  const { zone } = point;
  const now = desk.clock.now();
  const month = periodOf(localDayAt(Math.floor(now / 1000), zone).day, START_DAY);
  const period = { from: await billedUntil(sources, { account, usagePoint }, month), until: month.until };
  const outlook = await outlookAt(sources, point, { account, usagePoint }, period, latestDueDay(now, zone));
  const typical = await typicalBill(sources, point, { account, usagePoint }, period);
  return {
    body: { usagePoint, zone, ...period, ...told(outlook, typical?.currency), typicalMicro: typical?.micro ?? null } satisfies BillEstimate,
  };
}

/** The first day of the period that no bill has: a bill for a part of it may have gone out, or be held, and what it tells is not told twice. */
async function billedUntil(
  sources: BillingSources,
  of: { readonly account: string; readonly usagePoint: string },
  period: PeriodDates,
): Promise<string> {
  const first = (await sources.firstDays(of.account, of.usagePoint)).filter((from) => from < period.until);
  const bills = await Promise.all(first.map((from) => sources.bill(billStream({ ...of, from }))));
  const ends = bills.flatMap(({ billed, held }) => (billed?.statement.period ?? held?.period)?.until ?? []);
  return (
    ends
      .filter((until) => until > period.from && until < period.until)
      .sort()
      .at(-1) ?? period.from
  );
}

/** Closed days count before they are final: what a customer sees now is told to be no bill yet. What is asked for twice is read once. */
function asCustomersSee(sources: BillingSources): BillingSources {
  const firstDays = once(([account, usagePoint]: readonly [string, string]) => sources.firstDays(account, usagePoint));
  return {
    ...sources,
    point: once(sources.point),
    bill: once(sources.bill),
    firstDays: (account, usagePoint) => firstDays([account, usagePoint]),
    days: async (places) => (await sources.days(places)).map((day) => day && { ...day, final: true }),
  };
}

function once<Of, Found>(read: (of: Of) => Promise<Found>): (of: Of) => Promise<Found> {
  const found = new Map<string, Promise<Found>>();
  return (of) => {
    const name = JSON.stringify(of);
    const known = found.get(name) ?? read(of);
    found.set(name, known);
    return known;
  };
}

async function outlookAt(
  sources: BillingSources,
  point: BilledPoint,
  of: { readonly account: string; readonly usagePoint: string },
  period: PeriodDates,
  dueDay: string,
): Promise<PeriodOutlook> {
  if (spansOf(point, of.account, period).length === 0) throw notOwn();
  const request = { ...of, ...period };
  const input = await gather(sources, request, await openLedger(sources, request));
  const last = input.days.findLast(({ revision }) => revision > 0)?.day;
  const knownUntil = last === undefined ? period.from : addDays(last, 1);
  const begin = addDays(knownUntil, -HISTORY_DAYS);
  const before = placesOf(point, of.account, { from: begin, until: period.from });
  const recorded = await sources.days(before);
  const history = [
    ...before.map((place, i) => ratedDay(place, recorded[i], point.zone)),
    ...input.days.filter(({ day }) => day >= begin && day < knownUntil),
  ];
  return outlookOf({ input, period, knownUntil, dueDay, history });
}

function told(
  { days, daysKnown, daysEstimated, coverageBasisPoints, soFar, whole, low, high, currency }: PeriodOutlook,
  billed: string | undefined,
): Omit<BillEstimate, 'usagePoint' | 'zone' | 'from' | 'until' | 'typicalMicro'> {
  const shows = coverageBasisPoints < ENERGY_FROM ? 'nothing' : coverageBasisPoints < MONEY_FROM ? 'energy' : 'money';
  const money = (rated: RatedSoFar | undefined) => (shows === 'money' ? (rated?.statement?.totalMicro ?? null) : null);
  const isShown = shows !== 'nothing';
  return {
    // A home may have neither a tariff nor a bill.
    ...{ currency: currency ?? billed ?? NO_CURRENCY, days, daysKnown, daysEstimated, coverageBasisPoints, shows },
    toDate: isShown ? { importWh: soFar.importWh, amountMicro: money(soFar) } : null,
    expected:
      isShown && whole !== undefined
        ? { importWh: whole.importWh, amountMicro: money(whole), lowMicro: money(low), highMicro: money(high) }
        : null,
    lines:
      shows === 'money'
        ? (soFar.statement?.lines ?? []).map((line) => ({ code: line.code, text: lineText(line), amountMicro: line.amountMicro }))
        : [],
  };
}

/** Of the bills of a year at the usage point that went out, those that are as long as the period. */
async function typicalBill(
  sources: BillingSources,
  point: BilledPoint,
  { account, usagePoint }: { readonly account: string; readonly usagePoint: string },
  period: PeriodDates,
): Promise<TypicalBill | undefined> {
  const ownDays = (dates: PeriodDates) => standingDaysOf(spansOf(point, account, dates), dates, point.zone).length;
  const oldest = addMonths(period.from, -TYPICAL_MONTHS);
  const first = (await sources.firstDays(account, usagePoint)).filter((from) => from >= oldest);
  const bills = await Promise.all(first.map((from) => sources.bill(billStream({ account, usagePoint, from }))));
  const past = bills.flatMap(({ billed }) => (billed === undefined ? [] : [billed.statement]));
  return typicalOf(
    past.map(({ period: dates, currency, totalMicro }) => ({ days: ownDays(dates), currency, totalMicro })),
    ownDays(period),
  );
}
