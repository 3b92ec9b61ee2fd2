import { Temporal } from 'temporal-polyfill';
import type { BillingInput, RatedChannel, RatedDay } from '../../domain/billing/billing-input.ts';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import type { TariffSeries } from '../../domain/tariff/series.ts';
import type { Charge, Pricing, Tariff } from '../../domain/tariff/tariff.ts';
import { type BillStatement, NO_COUNTS, SLOT_SOURCES, type SlotSource } from '../../events/index.ts';
import { localMinutesOf } from '../../lambdas/billing/local-minutes.ts';

export const LONDON = 'Europe/London';

/** One slot of one channel: counts, and where they come from when they are not measured; `undefined` = missing. */
export type SlotFacts = number | { readonly counts: number; readonly source: SlotSource } | undefined;

export interface ChannelFacts {
  readonly obis?: string;
  readonly direction?: 'import' | 'export';
  readonly unit?: 'Wh' | 'varh' | 'VAh';
  readonly perCount?: number;
  readonly slot: (localMinute: number, index: number) => SlotFacts;
}

export interface DayFacts {
  readonly zone?: string;
  readonly minutes?: number;
  readonly meter?: string;
  readonly revision?: number;
  readonly held?: boolean;
  /** First slot and slot behind the last, of the local day. */
  readonly slots?: readonly [from: number, until: number];
}

/** A local day of a real zone. */
export function dayOf(date: string, channels: readonly ChannelFacts[], facts: DayFacts = {}): RatedDay {
  const { zone = LONDON, minutes = 30, meter = 'm1', revision = 1, held = false } = facts;
  const begin = midnight(date, zone);
  const [first, last] = facts.slots ?? [0, (midnight(addDays(date, 1), zone) - begin) / (minutes * 60)];
  const start = begin + first * minutes * 60;
  const localMinutes = localMinutesOf(start, last - first, minutes, zone);
  const stream = `meterday/${meter}/${date}`;
  return { stream, revision, day: date, start, minutes, localMinutes, held, channels: channels.map((one) => channelOf(one, localMinutes)) };
}

function channelOf(
  { slot, direction = 'import', unit = 'Wh', perCount = 1, ...rest }: ChannelFacts,
  localMinutes: Uint16Array,
): RatedChannel {
  const obis = rest.obis ?? { Wh: direction === 'import' ? '1-0:1.8.0' : '1-0:2.8.0', varh: '1-0:3.8.0', VAh: '1-0:9.8.0' }[unit];
  const facts = Array.from(localMinutes, (minute, i) => slot(minute, i));
  const counts = facts.map((fact) => (fact === undefined ? NO_COUNTS : typeof fact === 'number' ? fact : fact.counts));
  const sources = facts.map((fact) => (fact === undefined ? 'missing' : typeof fact === 'number' ? 'measured' : fact.source));
  const indexes = sources.map((source) => SLOT_SOURCES.indexOf(source));
  return { obis, direction, unit, perCount, counts: Uint32Array.from(counts), sources: Uint8Array.from(indexes) };
}

/** UTC s of the first instant of a local date. */
export function midnight(date: string, zone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds / 1000;
}

/** A tariff of these charges and nothing else. */
export function tariffOf(charges: readonly Charge[], more: Partial<Tariff> = {}): Tariff {
  const calendar = { seasons: [], holidays: [] };
  return { id: 't', name: 'test', currency: 'GBP', charges, taxes: [], calendar, negativeTotal: 'pay-out', ...more };
}

export function energyCharge(pricing: Pricing, more: { code?: string; taxGroup?: string } = {}): Charge {
  return { kind: 'energy', code: 'energy', pricing, ...more };
}

/** Price in micro-currency per kWh. */
export function flat(priceMicroPerKWh: bigint): Charge {
  return energyCharge({ kind: 'flat', priceMicroPerKWh });
}

export interface PeriodFacts extends Partial<BillingInput> {
  readonly from: string;
  readonly until: string;
  readonly zone?: string;
  readonly tariff?: Tariff;
  readonly series?: Readonly<Record<string, TariffSeries>>;
}

/** A whole period at one account; days must be given. */
export function inputOf({ from, until, zone = LONDON, tariff, series = {}, ...more }: PeriodFacts): BillingInput {
  const dates = daysOf({ from, until });
  const assigned = { tariff: tariff ?? tariffOf([flat(100_000n)]), version: 1, from, series: new Map(Object.entries(series)) };
  return {
    period: { accountId: 'a1', usagePoint: 'u1', from, until },
    meterClass: 'residential',
    calendarDays: dates.length,
    spans: [{ from: midnight(from, zone), until: midnight(until, zone) }],
    standingDays: dates,
    days: [],
    notFinal: 0,
    tariffs: [assigned],
    brought: { energyWh: {}, moneyMicro: 0n },
    trueUps: [],
    chargeableFrom: '0001-01-01',
    ...more,
  };
}

/** Every date of a period alike. */
export function daysAlike(from: string, until: string, channels: readonly ChannelFacts[], facts: DayFacts = {}): RatedDay[] {
  return daysOf({ from, until }).map((date) => dayOf(date, channels, facts));
}

export function statementOf(facts: PeriodFacts): BillStatement {
  return ratePeriod(inputOf(facts)).statement;
}

/** Code to amount, for assertions; a code twice is a list. */
export function amounts({ lines }: Pick<BillStatement, 'lines'>): Record<string, string> {
  return Object.fromEntries(lines.map(({ code, from, amountMicro }) => [from === undefined ? code : `${code} ${from}`, amountMicro]));
}

export function quantities({ lines }: Pick<BillStatement, 'lines'>): Record<string, string> {
  return Object.fromEntries(lines.map(({ code, from, quantity }) => [from === undefined ? code : `${code} ${from}`, quantity]));
}
