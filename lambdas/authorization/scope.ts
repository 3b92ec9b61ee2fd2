import { servesPurpose } from '../../domain/consent/purposes.ts';
import type { ConsentDataClass, ConsentPurpose, DataResolution } from '../../events/index.ts';
import type { Defences } from '../../topology/defences.ts';

/** What a scope asks for. */
export interface RequestedScope {
  readonly purpose: ConsentPurpose;
  readonly dataClasses: readonly ConsentDataClass[];
  readonly resolution: DataResolution;
  /** Months back, and how many from now on: the data's window, and how long the consent lasts. */
  readonly historyMonths: number;
  readonly months: number;
}

/** Interval durations in seconds. */
const RESOLUTION_OF: Readonly<Record<string, DataResolution>> = { 900: 'interval', 3600: 'hour', 86400: 'day', 2592000: 'month' };
/** Where a scope names no purpose, the one that needs the resolution and no more. */
const PURPOSE_OF: Readonly<Record<DataResolution, ConsentPurpose | undefined>> = {
  interval: undefined,
  hour: 'load-shifting',
  day: 'efficiency',
  month: 'bill-check',
};
const PURPOSES: readonly ConsentPurpose[] = ['bill-check', 'efficiency', 'load-shifting'];
/** Function blocks that are served; interval metering (4) of electricity (5) is always meant, 7 and 8 are energy sent back. */
const BLOCKS: ReadonlySet<string> = new Set(['1', '3', '4', '5', '7', '8', '13', '14', '15', '18', '19']);
const BLOCK_DURATIONS: ReadonlySet<string> = new Set(['daily', 'monthly']);
const KEYS: ReadonlySet<string> = new Set(['FB', 'IntervalDuration', 'BlockDuration', 'HistoryLength', 'Purpose', 'Months']);
const MOST_HISTORY = 36;
const MOST_MONTHS = 13;

/**
 * Reads a scope as Green Button Connect My Data writes it, e.g. `FB=4_5_15;IntervalDuration=3600;BlockDuration=monthly;HistoryLength=13`.
 * `Purpose` and `Months` are additions; what is not
 * understood, or finer than its purpose needs, is not granted. @returns undefined for what is no such scope
 */
export function readScope(text: string, rules: Pick<Defences, 'purposeResolution'>): RequestedScope | undefined {
  const fields = fieldsOf(text);
  if (fields === undefined) return undefined;
  const blocks = (fields['FB'] ?? '').split('_');
  if (!blocks.every((block) => BLOCKS.has(block)) || !['4', '5'].every((block) => blocks.includes(block))) return undefined;
  const duration = fields['IntervalDuration'] ?? '';
  const resolution = Object.hasOwn(RESOLUTION_OF, duration) ? RESOLUTION_OF[duration] : undefined;
  if (resolution === undefined || !BLOCK_DURATIONS.has(fields['BlockDuration'] ?? 'monthly')) return undefined;
  const purpose = fields['Purpose'] === undefined ? PURPOSE_OF[resolution] : PURPOSES.find((one) => one === fields['Purpose']);
  const historyMonths = wholeOf(fields['HistoryLength'] ?? '0', MOST_HISTORY);
  const months = wholeOf(fields['Months'] ?? '12', MOST_MONTHS);
  if (purpose === undefined || (rules.purposeResolution && !servesPurpose(purpose, resolution))) return undefined;
  if (historyMonths === undefined || months === undefined || months === 0) return undefined;
  const sentBack = blocks.includes('7') || blocks.includes('8');
  return { purpose, dataClasses: sentBack ? ['usage', 'generation'] : ['usage'], resolution, historyMonths, months };
}

function fieldsOf(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split(';').map((field) => field.split('='));
  if (pairs.some((pair) => pair.length !== 2 || !KEYS.has(pair[0]!))) return undefined;
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) return undefined;
  return Object.fromEntries(pairs) as Record<string, string>;
}

function wholeOf(text: string, most: number): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

const DAY_MS = 86_400_000;
/** What a consent lasts at most. */
const LONGEST_MS = 397 * DAY_MS;

/** The window and the end of a consent given now. UTC ms. @param now UTC ms */
export function spanOf({ historyMonths, months }: RequestedScope, now: number): { readonly from: number; readonly until: number } {
  return { from: monthsFrom(now, -historyMonths), until: Math.min(monthsFrom(now, months), now + LONGEST_MS) };
}

/** The same time of day so many months away; the last of the month where it has no such day. */
function monthsFrom(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}
