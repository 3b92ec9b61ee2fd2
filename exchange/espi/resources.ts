import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { localClock } from '../usage/local-clock.ts';
import type { SharedBill, SharedRow, SharedSeries } from '../usage/shared-usage.ts';
import { localTimeOf } from './dst-rule.ts';
import {
  COMMODITY_ELECTRICITY,
  currencyCode,
  hundredThousandths,
  qualitiesOf,
  readingTypeOf,
  SERVICE_ELECTRICITY,
  WATT_HOURS,
} from './words.ts';

/** An Atom entry before it is XML: what it is called, where it stands, what it holds. */
export interface Resource {
  readonly title: string;
  /** Path below the feed's base, e.g. `UsagePoint/x`. */
  readonly self: string;
  readonly up: string;
  readonly related: readonly string[];
  /** Name of the one element of its content, and what is in it. */
  readonly element: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** The resources of a feed, each behind those that refer to it, made as they are asked for. */
export function* resourcesOf(series: readonly SharedSeries[], bills: readonly SharedBill[]): Generator<Resource, void, void> {
  const points = new Set([...series, ...bills].map(({ usagePoint }) => usagePoint));
  for (const point of points) {
    const own = series.filter(({ usagePoint }) => usagePoint === point);
    const billed = bills.filter(({ usagePoint }) => usagePoint === point);
    yield usagePointOf(point, own, billed);
    for (const one of own) {
      yield meterReading(one);
      yield* intervalBlocks(one);
    }
    yield* billed.map(usageSummary);
  }
  const years = new Map(series.flatMap((one) => (one.rows[0] === undefined ? [] : [[localTimePath(one), one] as const])));
  const types = new Map(series.map((one) => [readingTypePath(one), one]));
  yield* [...types.values()].map(readingType);
  yield* [...years.values()].map(localTime);
}

function usagePointOf(point: string, series: readonly SharedSeries[], bills: readonly SharedBill[]): Resource {
  const self = `UsagePoint/${point}`;
  const times = series.flatMap((one) => (one.rows[0] === undefined ? [] : [localTimePath(one)]));
  return {
    ...{ title: 'Usage point', self, up: 'UsagePoint', element: 'UsagePoint' },
    related: [
      ...(series.length > 0 ? [`${self}/MeterReading`] : []),
      ...(bills.length > 0 ? [`${self}/UsageSummary`] : []),
      ...new Set(times),
    ],
    content: { ServiceCategory: { kind: SERVICE_ELECTRICITY } },
  };
}

function meterReading(series: SharedSeries): Resource {
  const up = `UsagePoint/${series.usagePoint}/MeterReading`;
  const self = `${up}/${kindOf(series)}`;
  const title = series.direction === 'import' ? 'Energy used' : 'Energy sent to the grid';
  return { title, self, up, related: [`${self}/IntervalBlock`, readingTypePath(series)], element: 'MeterReading', content: {} };
}

/** A block per local day, month or year, named by when it begins; an interval without a value has no reading. */
function* intervalBlocks(series: SharedSeries): Generator<Resource, void, void> {
  const up = `UsagePoint/${series.usagePoint}/MeterReading/${kindOf(series)}/IntervalBlock`;
  for (const inside of blocksOf(series)) {
    yield {
      ...{ title: 'Readings', self: `${up}/${inside[0]!.start}`, up, related: [], element: 'IntervalBlock' },
      content: {
        interval: period(inside[0]!.start, inside.at(-1)!.end),
        IntervalReading: inside.flatMap(intervalReading),
      },
    };
  }
}

function* blocksOf({ zone, resolution, rows }: SharedSeries): Generator<readonly SharedRow[], void, void> {
  const length = { month: 4, day: 7, hour: 10, interval: 10 }[resolution];
  const local = localClock(zone);
  let block: SharedRow[] = [];
  let name = '';
  for (const row of rows) {
    const next = local(row.start).slice(0, length);
    if (next !== name && block.length > 0) {
      yield block;
      block = [];
    }
    name = next;
    block.push(row);
  }
  if (block.length > 0) yield block;
}

function intervalReading(row: SharedRow): readonly Readonly<Record<string, unknown>>[] {
  if (row.energyWh === null) return [];
  const quality = qualitiesOf(row).map((code) => ({ quality: code }));
  return [{ ReadingQuality: quality, timePeriod: period(row.start, row.end), value: row.energyWh }];
}

function usageSummary({ usagePoint, start, end, currency, totalMicro, importWh, issuedAt }: SharedBill): Resource {
  const up = `UsagePoint/${usagePoint}/UsageSummary`;
  return {
    ...{ title: 'Bill', self: `${up}/${start}`, up, related: [], element: 'UsageSummary' },
    content: {
      billingPeriod: period(start, end),
      billLastPeriod: hundredThousandths(totalMicro),
      currency: currencyCode(currency),
      overallConsumptionLastPeriod: { powerOfTenMultiplier: 0, timeStamp: end, uom: WATT_HOURS, value: importWh },
      statusTimeStamp: issuedAt,
      commodity: COMMODITY_ELECTRICITY,
    },
  };
}

function readingType(series: SharedSeries): Resource {
  const { direction, unit, resolution } = series;
  const title = `${unit} ${direction} by ${resolution}`;
  return {
    ...{ title, self: readingTypePath(series), up: 'ReadingType', related: [], element: 'ReadingType' },
    content: readingTypeOf(series),
  };
}

function localTime(series: SharedSeries): Resource {
  const { zone, rows } = series;
  const { dstEndRule, dstOffset, dstStartRule, tzOffset } = localTimeOf(zone, yearOf(rows[0]!, zone));
  return {
    ...{ title: zone, self: localTimePath(series), up: 'LocalTimeParameters', related: [], element: 'LocalTimeParameters' },
    content: { dstEndRule, dstOffset, dstStartRule, tzOffset },
  };
}

function readingTypePath(series: SharedSeries): string {
  return `ReadingType/${kindOf(series)}`;
}

/** What tells the series of a usage point apart. */
function kindOf({ direction, unit, resolution, intervalMinutes }: SharedSeries): string {
  return `${direction}-${unit}-${resolution}${resolution === 'interval' ? `-${intervalMinutes}` : ''}`;
}

function localTimePath({ zone, rows }: SharedSeries): string {
  const name = createHash('sha256').update(zone).digest('hex').slice(0, 8);
  return `LocalTimeParameters/${name}-${yearOf(rows[0]!, zone)}`;
}

function yearOf({ start }: SharedRow, zone: string): number {
  return Number(dateAt(start, zone).slice(0, 4));
}

function dateAt(at: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at * 1000)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString();
}

function period(start: number, end: number): Readonly<Record<string, number>> {
  return { duration: end - start, start };
}
