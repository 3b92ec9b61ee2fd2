import { addDays } from '../../domain/tariff/dates.ts';
import type { BandSeries, PriceSeries, TariffSeries } from '../../domain/tariff/series.ts';
import { JoulekeepError } from '../../events/index.ts';
import { utcDate } from '../shared/days/utc-date.ts';

interface Row {
  /** Of the file, from 1. */
  readonly line: number;
  /** Minutes since 1970-01-01, by the clock of the file. */
  readonly at: number;
  readonly value: string;
}

const STEPS = [5, 10, 15, 30, 60];
const LENGTH_LIMIT = 16_000_000;

/**
 * A series as CSV, one line per step without a gap. `start_local,band`: whole local days of 24 hours by the clock on the wall,
 * also where it is changed. `start_utc,price_per_kwh` (at most 6 decimals) or `start_utc,price_per_mwh` (at most 3).
 * @param file name, for messages @throws ERR_SERIES_INVALID with line and reason
 */
export function loadSeries(text: string, file: string): TariffSeries {
  if (text.length > LENGTH_LIMIT) throw invalid(file, 1, `${text.length} characters, ${LENGTH_LIMIT} allowed`);
  const [header = '', ...lines] = text.split(/\r?\n/);
  const rows = lines.flatMap((line, i) => (line === '' && i === lines.length - 1 ? [] : [rowOf(line, i + 2, file)]));
  const step = stepOf(rows, file);
  switch (header) {
    case 'start_local,band':
      return bandSeries(rows, step, file);
    case 'start_utc,price_per_kwh':
      return priceSeries(rows, step, 6, file);
    case 'start_utc,price_per_mwh':
      return priceSeries(rows, step, 3, file);
    default:
      throw invalid(file, 1, 'the header is "start_local,band", "start_utc,price_per_kwh" or "start_utc,price_per_mwh"');
  }
}

function rowOf(line: string, number: number, file: string): Row {
  const [, time, value] = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::00)?Z?,([^,]*)$/.exec(line) ?? [];
  const at = Date.parse(`${time}Z`) / 60_000;
  if (value === undefined || !Number.isInteger(at)) throw invalid(file, number, 'a line like 2013-06-01T00:30,Normal is expected');
  return { line: number, at, value };
}

function stepOf(rows: readonly Row[], file: string): number {
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw invalid(file, 2, 'at least two lines are needed, to know the step');
  const step = second.at - first.at;
  if (!STEPS.includes(step)) throw invalid(file, second.line, `a step of ${step} minutes; ${STEPS.join(', ')} are known`);
  const broken = rows.find(({ at }, i) => at !== first.at + i * step);
  if (broken !== undefined) throw invalid(file, broken.line, `not ${step} minutes after the line before it`);
  return step;
}

function bandSeries(rows: readonly Row[], stepMinutes: number, file: string): BandSeries {
  const perDay = 1440 / stepMinutes;
  if (rows[0]!.at % 1440 !== 0) throw invalid(file, 2, 'the first line is not the begin of a day');
  if (rows.length % perDay !== 0) throw invalid(file, rows.at(-1)!.line, `the last day is not whole: it needs ${perDay} lines`);
  const unnamed = rows.find(({ value }) => !/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(value));
  if (unnamed !== undefined) throw invalid(file, unnamed.line, 'no name of a band: letters, digits and hyphens');
  const first = utcDate(rows[0]!.at * 60_000);
  const days = new Map<string, readonly string[]>();
  for (let day = 0; day * perDay < rows.length; day++) {
    days.set(
      addDays(first, day),
      rows.slice(day * perDay, (day + 1) * perDay).map(({ value }) => value),
    );
  }
  return { kind: 'bands', clock: 'local', stepMinutes, days };
}

function priceSeries(rows: readonly Row[], stepMinutes: number, decimals: 3 | 6, file: string): PriceSeries {
  const pricesMicroPerKWh = rows.map(({ line, value }) => {
    const [, sign, whole, part = ''] = /^(-?)(\d{1,9})(?:\.(\d+))?$/.exec(value) ?? [];
    if (whole === undefined || part.length > decimals) throw invalid(file, line, `no price with at most ${decimals} decimals`);
    const micro = BigInt(whole + part.padEnd(decimals, '0'));
    return sign === '-' ? -micro : micro;
  });
  return { kind: 'prices', clock: 'utc', stepMinutes, start: rows[0]!.at * 60, pricesMicroPerKWh };
}

function invalid(file: string, line: number, reason: string): JoulekeepError {
  return new JoulekeepError('ERR_SERIES_INVALID', `${file}: line ${line}: ${reason}`);
}
