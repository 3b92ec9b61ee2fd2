import type { z } from 'zod';
import { dayNumber } from '../../domain/tariff/dates.ts';
import type { TariffFault } from '../../domain/tariff/fault.ts';
import type { Pricing, Tariff } from '../../domain/tariff/tariff.ts';
import { tariffFaults } from '../../domain/tariff/tariff-check.ts';
import { JoulekeepError } from '../../events/index.ts';
import { tariffOf } from './tariff-building.ts';
import { type TariffDocument, tariffDocument } from './tariff-document.ts';

/** A tariff as it was written, checked. */
export interface LoadedTariff {
  readonly tariff: Tariff;
  /** First local date. */
  readonly from: string;
  /** The file's text. */
  readonly text: string;
}

/** Everything that is wrong with a tariff file: where, what, and what to do. */
export class TariffInvalid extends JoulekeepError {
  readonly faults: readonly TariffFault[];

  constructor(file: string, faults: readonly TariffFault[]) {
    const lines = faults.map(({ path, what, remedy }) => `${file}: ${path === '' ? 'the file' : path}: ${what}; ${remedy}`);
    super('ERR_TARIFF_INVALID', lines.join('\n'));
    this.faults = faults;
  }
}

/** Longest file looked at: with an event around it, it fits into a commit. */
const LENGTH_LIMIT = 48_000;

/** @param file name, for messages @throws TariffInvalid (ERR_TARIFF_INVALID) */
export function loadTariff(text: string, file: string): LoadedTariff {
  if (text.length > LENGTH_LIMIT) {
    const what = `${text.length} characters, ${LENGTH_LIMIT} allowed`;
    throw new TariffInvalid(file, [{ path: '', what, remedy: 'take long lists out into a series' }]);
  }
  const json = jsonOf(text, file);
  const parsed = tariffDocument.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, json));
    throw new TariffInvalid(file, faults);
  }
  const faults = dateFaults(parsed.data);
  if (faults.length > 0) throw new TariffInvalid(file, faults);
  const tariff = tariffOf(parsed.data);
  const wrong = tariffFaults(tariff);
  if (wrong.length > 0) throw new TariffInvalid(file, wrong);
  return { tariff, from: parsed.data.from, text };
}

/** Names of the series that a tariff's prices come from. */
export function seriesNames({ charges, export: terms }: Tariff): readonly string[] {
  const pricings: readonly (Pricing | undefined)[] = [
    ...charges.map((charge) => (charge.kind === 'energy' ? charge.pricing : undefined)),
    terms?.pricing,
  ];
  return [...new Set(pricings.flatMap((pricing) => (pricing !== undefined && 'series' in pricing ? [pricing.series] : [])))];
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TariffInvalid(file, [{ path: '', what: `no JSON: ${(cause as Error).message}`, remedy: 'mend the syntax' }]);
  }
}

function faultsOf(issue: z.core.$ZodIssue, json: unknown): TariffFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), what: 'unknown', remedy: 'remove it, or check its spelling' }));
  }
  const found = valueAt(json, issue.path);
  const what = found === undefined ? 'absent' : `${short(found)} is not what is expected`;
  return [
    {
      path: pathOf(issue.path),
      what,
      remedy: issue.message.replace(/^Invalid input: expected (.*), received .*$/, 'give a value of type $1'),
    },
  ];
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), json);
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('');
}

function dateFaults({ from, calendar }: TariffDocument): TariffFault[] {
  const seasons = (calendar?.seasons ?? []).flatMap((season, i) => [
    { path: `calendar.seasons[${i}].from`, date: `2012-${season.from}` },
    { path: `calendar.seasons[${i}].until`, date: `2012-${season.until}` },
  ]);
  const holidays = (calendar?.holidays ?? []).map((date, i) => ({ path: `calendar.holidays[${i}]`, date }));
  return [{ path: 'from', date: from }, ...holidays, ...seasons]
    .filter(({ date }) => !isDate(date))
    .map(({ path, date }) => ({ path, what: `${date} is no date`, remedy: 'give a day that the calendar has' }));
}

function isDate(text: string): boolean {
  try {
    dayNumber(text);
    return true;
  } catch {
    return false;
  }
}
