import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dayNumber } from '../domain/demand/forecast/holidays.ts';
import { type DemandDay, type DemandSeries, demandSeries } from '../domain/demand/forecast/series.ts';
import { NO_COUNTS } from '../events/index.ts';
import { seriesUntil } from '../lambdas/forecast/area-series.ts';
import { readHomes } from './homes.ts';

const WH_PER_MWH = 1_000_000;
const HALF_HOUR_S = 1_800;

/** In JOULEKEEP_SHARED, or in the folder `shared` beside the repository. */
export const DEFAULT_ZONES: string = join(
  process.env['JOULEKEEP_SHARED'] ?? join(import.meta.dirname, '..', '..', 'shared'),
  'data/zone-load',
);

/**
 * Hourly load of a zone from a file of `Datetime,<zone>_MW`, rows in any order. A time names the end of its hour by the clock of the zone: in
 * spring one is missing, in autumn one stands there twice, or not at all in older years.
 * @throws TypeError when the file is missing or a row is none
 */
export function readZone(folder: string, zone: string): DemandSeries {
  const path = join(folder, `${zone}.csv.gz`);
  if (!existsSync(path)) throw new TypeError(`no file ${path}; name its folder with --zones`);
  const [head, ...rows] = gunzipSync(readFileSync(path)).toString('utf8').trim().split(/\r?\n/);
  if (head !== `Datetime,${zone}_MW`) throw new TypeError(`${path}: the first line must be Datetime,${zone}_MW`);
  const days = new Map<number, { clockMinutes: number[]; energyWh: number[] }>();
  for (const [at, row] of rows.entries()) {
    const found = /^(\d{4})-(\d\d)-(\d\d) (\d\d):00:00,(\d+(?:\.\d+)?)$/.exec(row);
    if (found === null) throw new TypeError(`${path}: line ${at + 2} is no hour: ${row}`);
    const [, year, month, day, hour, megawatts] = found.map(Number);
    const end = dayNumber(year!, month!, day!) * 24 + hour!;
    const local = Math.floor((end - 1) / 24);
    const entry = days.get(local) ?? { clockMinutes: [], energyWh: [] };
    entry.clockMinutes.push((end - 1 - local * 24) * 60);
    entry.energyWh.push(Math.round(megawatts! * WH_PER_MWH));
    days.set(local, entry);
  }
  return demandSeries(
    60,
    [...days].map(([day, entry]): DemandDay => ({ day, ...entry })),
  );
}

/** All homes of a file summed by half-hour; what a home lacks is not in the sum. By days of the zone's clock, in which people live. */
export function sumOfHomes(path: string, zone: string): { readonly series: DemandSeries; readonly homes: number } {
  const homes = readHomes(path);
  const [first] = homes;
  if (first === undefined) throw new TypeError(`${path}: no home`);
  const netWh = new Map<number, number>();
  for (let at = 0; at < first.counts.length; at++) {
    let sum = 0;
    for (const { counts } of homes) if (counts[at] !== NO_COUNTS) sum += counts[at]!;
    netWh.set(first.start + (at + 1) * HALF_HOUR_S, sum);
  }
  return { series: seriesUntil({ netWh, intervalMinutes: 30, version: 0 }, zone), homes: homes.length };
}
