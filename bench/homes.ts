import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { History, LikeDay } from '../domain/vee/history.ts';
import { NO_COUNTS } from '../events/index.ts';

/** Half-hours of a day. */
export const HALF_HOURS = 48;
const DAYS_OF_HISTORY = 42;

/** One home: half-hours in Wh from midnight UTC of the first day on, NO_COUNTS where the series has none. */
export interface Home {
  readonly name: string;
  readonly counts: Uint32Array;
  readonly meanLoad: number;
  /** UTC s of the first half-hour. */
  readonly start: number;
}

/** In JOULEKEEP_SHARED, or in the folder `shared` beside the repository. */
export const DEFAULT_HOMES: string = join(
  process.env['JOULEKEEP_SHARED'] ?? join(import.meta.dirname, '..', '..', 'shared'),
  'data/london-2013/homes.csv.gz',
);

/** @throws TypeError when the file is missing or is not half-hours of homes in UTC */
export function readHomes(path: string): Home[] {
  if (!existsSync(path))
    throw new TypeError(`no file ${path}; name one with --data: start_utc and a column per home, Wh per half-hour, may be gzipped`);
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [head = '', ...rows] = text.trim().split(/\r?\n/);
  const [first, ...names] = head.split(',');
  if (first !== 'start_utc' || names.length === 0) throw new TypeError(`${path}: the first line must be start_utc and the homes' names`);
  const start = Date.parse(rows[0]?.split(',')[0] ?? '') / 1000;
  if (!Number.isInteger(start) || start % 86_400 !== 0) throw new TypeError(`${path}: line 2 must begin at midnight UTC`);
  const columns = names.map(() => new Uint32Array(rows.length).fill(NO_COUNTS));
  for (const [at, row] of rows.entries()) {
    const cells = row.split(',');
    if (cells.length !== names.length + 1)
      throw new TypeError(`${path}: line ${at + 2} has ${cells.length} columns, not ${names.length + 1}`);
    for (let home = 0; home < names.length; home++) if (cells[home + 1] !== '') columns[home]![at] = Number(cells[home + 1]);
  }
  return names.map((name, home) => ({ name, counts: columns[home]!, meanLoad: meanOf(columns[home]!), start }));
}

/** A home's day as counts, in the home's own columns. */
export function dayOf({ counts }: Home, day: number): Uint32Array {
  return counts.subarray(day * HALF_HOURS, (day + 1) * HALF_HOURS);
}

/** What was known when the day was over: six weeks before it, and the half-hours on both sides. Days are UTC. */
export function historyOf(home: Home, day: number): History {
  const days: LikeDay[] = [];
  for (let daysBack = 1; daysBack <= DAYS_OF_HISTORY && daysBack <= day; daysBack++) days.push(likeDay(home, day - daysBack, daysBack));
  const complete = days.filter(({ usable }) => usable);
  const sum = complete.reduce((all, { counts }) => all + counts.reduce((total, value) => total + value, 0), 0);
  return {
    days,
    weekday: weekdayOf(home, day),
    holiday: false,
    ...(complete.length > 0 ? { averageDaily: sum / complete.length } : {}),
    before: day > 0 ? dayOf(home, day - 1) : new Uint32Array(0),
    after: dayOf(home, day + 1),
    silent: false,
  };
}

function likeDay(home: Home, day: number, daysBack: number): LikeDay {
  const counts = dayOf(home, day);
  const date = new Date((home.start + day * 86_400) * 1000).toISOString().slice(0, 10);
  return { date, daysBack, weekday: weekdayOf(home, day), holiday: false, counts, usable: !counts.includes(NO_COUNTS) };
}

function weekdayOf({ start }: Home, day: number): number {
  return ((new Date((start + day * 86_400) * 1000).getUTCDay() + 6) % 7) + 1;
}

function meanOf(counts: Uint32Array): number {
  let sum = 0;
  let valid = 0;
  for (const value of counts) {
    if (value === NO_COUNTS) continue;
    sum += value;
    valid++;
  }
  return valid > 0 ? sum / valid : 0;
}
