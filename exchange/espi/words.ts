import { rowQuality, type SharedRow, type SharedSeries } from '../usage/shared-usage.ts';

/** Numbers that ESPI has for our words. @source NAESB ESPI 4.0, espi.xsd */

const UOM: Readonly<Record<SharedSeries['unit'], number>> = { VAh: 71, Wh: 72, varh: 73 };
export const WATT_HOURS = UOM.Wh;
/** Forward and reverse active energy. */
const FLOW: Readonly<Record<SharedSeries['direction'], number>> = { import: 1, export: 19 };
/** Daily and monthly periods; shorter ones tell their length. */
const TIME_ATTRIBUTE: Readonly<Record<SharedSeries['resolution'], number>> = { month: 13, day: 11, hour: 0, interval: 0 };
const MEASURING_PERIOD: Readonly<Record<number, number>> = { 5: 6, 10: 1, 15: 2, 30: 5, 60: 7 };

const DELTA_DATA = 4;
const ELECTRICITY = 1;
const NORMAL = 12;
const ENERGY = 12;
const DAY_SECONDS = 86_400;
const NONE = 0;

export const SERVICE_ELECTRICITY = 0;
export const COMMODITY_ELECTRICITY = ELECTRICITY;

/** Valid; edited by hand; estimated; of mixed quality; some of its intervals are missing ("other" in ESPI's list). */
const QUALITY = { measured: 0, edited: 7, estimated: 8, mixed: 13, incomplete: 16 } as const;

/** Elements of a ReadingType in their order. */
export function readingTypeOf({ direction, unit, resolution, intervalMinutes }: SharedSeries): Readonly<Record<string, number>> {
  const minutes = resolution === 'hour' ? 60 : intervalMinutes;
  const intervalLength = resolution === 'month' ? undefined : resolution === 'day' ? DAY_SECONDS : minutes * 60;
  const measuringPeriod = resolution === 'month' || resolution === 'day' ? undefined : MEASURING_PERIOD[minutes];
  return {
    accumulationBehaviour: DELTA_DATA,
    commodity: ELECTRICITY,
    dataQualifier: NORMAL,
    flowDirection: FLOW[direction],
    ...(intervalLength === undefined ? {} : { intervalLength }),
    kind: ENERGY,
    powerOfTenMultiplier: NONE,
    timeAttribute: TIME_ATTRIBUTE[resolution],
    uom: UOM[unit],
    ...(measuringPeriod === undefined ? {} : { measuringPeriod }),
  };
}

/** What a row's intervals were; several where it has several kinds. */
export function qualitiesOf(row: SharedRow): readonly number[] {
  if (rowQuality(row) === 'measured') return [QUALITY.measured];
  const { measured, estimated, edited, missing } = row.quality;
  const kinds = [
    ...(edited > 0 ? [QUALITY.edited] : []),
    ...(estimated > 0 ? [QUALITY.estimated] : []),
    ...(missing > 0 ? [QUALITY.incomplete] : []),
  ];
  return kinds.length + (measured > 0 ? 1 : 0) > 1 ? [...kinds, QUALITY.mixed] : kinds;
}

/** ISO 4217, numeric; 0 = another one. */
const CURRENCY: Readonly<Record<string, number>> = {
  ...{ AUD: 36, CAD: 124, CHF: 756, CNY: 156, CZK: 203, DKK: 208, EUR: 978, GBP: 826, HUF: 348, INR: 356 },
  ...{ JPY: 392, NOK: 578, NZD: 554, PLN: 985, RON: 946, SEK: 752, USD: 840, ZAR: 710 },
};

export function currencyCode(currency: string): number {
  return Object.hasOwn(CURRENCY, currency) ? CURRENCY[currency]! : 0;
}

/** Hundred-thousandths of a currency unit, half to even. @param micro decimal string of micro-units */
export function hundredThousandths(micro: string): string {
  const value = BigInt(micro);
  const [whole, rest] = [value / 10n, value % 10n];
  const size = rest < 0n ? -rest : rest;
  const isUp = size > 5n || (size === 5n && whole % 2n !== 0n);
  return String(isUp ? whole + (value < 0n ? -1n : 1n) : whole);
}
