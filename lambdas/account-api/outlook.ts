import type { BillingInput, RatedDay } from '../../domain/billing/billing-input.ts';
import { countOf, flowOf, slotsIn, sumOf } from '../../domain/billing/flows.ts';
import { daysOf, type PeriodDates } from '../../domain/billing/period-calendar.ts';
import { statePeriod } from '../../domain/billing/rating.ts';
import { withStopgap } from '../../domain/billing/stopgap.ts';
import { IMPORT_WH } from '../../domain/billing/stretch.ts';
import { usualDays } from '../../domain/billing/usual-days.ts';
import { type BillStatement, JoulekeepError } from '../../events/index.ts';

/** A period that is going on. */
export interface PeriodOutlook {
  /** Whole days of the period, and those that are closed. */
  readonly days: number;
  readonly daysKnown: number;
  /** Of those, the ones with an estimate in them. */
  readonly daysEstimated: number;
  /** Of the intervals of days that are due, those that were read or decided. */
  readonly coverageBasisPoints: number;
  readonly soFar: RatedSoFar;
  /** With usual days for those to come, and within which eight of ten periods end; undefined where too little is known. */
  readonly whole?: RatedSoFar;
  readonly low?: RatedSoFar;
  readonly high?: RatedSoFar;
  /** Of the tariff in force. */
  readonly currency?: string;
}

/** Rated as a bill is; without a statement where prices or a tariff are missing. */
export interface RatedSoFar {
  readonly importWh: number;
  readonly statement?: BillStatement;
}

export interface OutlookFacts {
  /** Of the whole period; days that are not closed are frames without values. */
  readonly input: BillingInput;
  readonly period: PeriodDates;
  /** First local date of which nothing is known. */
  readonly knownUntil: string;
  /** Last local date that is due for closing. */
  readonly dueDay: string;
  /** The days before `knownUntil` from which one learns what is usual. */
  readonly history: readonly RatedDay[];
}

/** What stands in the way of money and not of energy: prices that are not published yet, a tariff that nobody assigned. */
const WITHOUT_MONEY: ReadonlySet<string> = new Set(['ERR_PRICE_MISSING', 'ERR_SERIES_MISSING', 'ERR_TARIFF_MISSING']);

export function outlookOf({ input, period, knownUntil, dueDay, history }: OutlookFacts): PeriodOutlook {
  const dates = daysOf(period);
  const byDate = Map.groupBy(input.days, ({ day }) => day);
  const isKnown = (date: string) => byDate.get(date)?.every(({ revision }) => revision > 0) ?? false;
  const known = dates.filter(isKnown);
  const estimated = daysWithEstimates(input.days);
  const ahead = input.days.filter(({ day }) => day >= knownUntil);
  const usual = usualDays(history);
  const spread = usual?.spread(ahead);
  const endingAt = (factor: number) => {
    if (usual === undefined) return undefined;
    return rated({ ...input, days: input.days.map((day) => (day.day >= knownUntil ? usual.fill(day, factor) : day)) });
  };
  const around = spread === undefined ? [1] : [1, Math.max(0, 1 - spread), 1 + spread];
  const [whole, low, high] = around.map(endingAt);
  const currency = input.tariffs.at(-1)?.tariff.currency;
  return {
    days: dates.length,
    daysKnown: known.length,
    daysEstimated: known.filter((date) => estimated.has(date)).length,
    coverageBasisPoints: coverageOf(input.days.filter(({ day }) => day <= dueDay)),
    soFar: rated(until(input, knownUntil)),
    ...(whole && { whole }),
    ...(low && { low }),
    ...(high && { high }),
    ...(currency !== undefined && { currency }),
  };
}

/** The period as if it ended there, charges that go by the calendar still by the whole of it. */
function until(input: BillingInput, end: string): BillingInput {
  return {
    ...input,
    period: { ...input.period, until: end },
    standingDays: input.standingDays.filter((day) => day < end),
    days: input.days.filter(({ day }) => day < end),
  };
}

function rated(input: BillingInput): RatedSoFar {
  if (input.days.length === 0) return { importWh: 0 };
  try {
    const statement = statePeriod(input);
    return { importWh: Number(statement.importWh), statement };
  } catch (error) {
    if (!(error instanceof JoulekeepError && WITHOUT_MONEY.has(error.code))) throw error;
    return { importWh: Number(sumOf(withStopgap(flowOf(input.days, IMPORT_WH)))) };
  }
}

function coverageOf(due: readonly RatedDay[]): number {
  const flow = flowOf(due, IMPORT_WH);
  const slots = slotsIn(flow);
  return slots === 0 ? 0 : Math.floor((countOf(flow, 'known') * 10_000) / slots);
}

function daysWithEstimates(days: readonly RatedDay[]): ReadonlySet<string> {
  const flow = flowOf(days, IMPORT_WH).filter(({ slots }) => slots.some(({ quality }) => quality === 'estimated'));
  return new Set(flow.map(({ day }) => day));
}
