import type { Today, UsageRow } from '../../api/customer-usage.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { localMinutesOf } from '../billing/local-minutes.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { MISSING } from '../project/day-usage.ts';
import { localDayAt, plusDays } from '../shared/days/local-days.ts';
import type { Desk } from './desk.ts';
import { ABSENT, type HomeDay, openOwn, ownSpans, usageOf } from './home-usage.ts';
import type { OwnPremises } from './premises.ts';
import { minutesAt, pricedDays, rowsOf } from './rows.ts';
import { edgeOf } from './show-usage.ts';

const WEEKS = 4;
const FEWEST_DAYS = 2;
const MINUTES_OF_DAY = 1_440;

/** The local day that is going on, so far, beside the same weekdays before. @throws ERR_PREMISES_UNKNOWN */
export async function showToday(desk: Desk, { caller, path }: Call<'showToday'>): Promise<Answer> {
  const own = await desk.premises.one(caller.person, path.usagePoint);
  const { point } = own;
  const now = desk.clock.now();
  const { day } = localDayAt(Math.floor(now / 1000), point.zone);
  const today = { from: day, until: plusDays(day, 1) };
  const access = await openOwn(desk, own, { from: plusDays(day, -7 * WEEKS), until: today.until });
  const days = access === undefined ? [] : await usageOf(desk, own, today, access);
  const spans = ownSpans(own, today, now);
  const rows = rowsOf({ point, resolution: 'interval', spans }, await pricedDays(desk, point, days), edgeOf(own, today));
  const until = newestEnd(days);
  const usual = access === undefined || until === undefined ? null : await usualOf(desk, own, day, until, access);
  const body: Today = {
    ...{ usagePoint: point.usagePoint, day, zone: point.zone, currency: await desk.prices.currencyOf(point, day) },
    intervalMinutes: minutesAt(point, Math.floor(now / 1000)),
    readingsUntil: until === undefined ? null : instant(until * 1000),
    expected: rows.length,
    quality: qualityOf(rows),
    importWh: sumOf(rows, ({ importWh }) => importWh) ?? 0,
    exportWh: sumOf(rows, ({ exportWh }) => exportWh),
    costMicro: costOfRows(rows),
    ...{ usual, rows },
  };
  return { body };
}

/** End of the newest interval that came, UTC s. */
function newestEnd(days: readonly HomeDay[]): number | undefined {
  let newest: number | undefined;
  for (const { start, minutes, ...lanes } of days)
    for (const lane of [lanes.import, lanes.export])
      for (const [slot, quality] of (lane?.quality ?? new Uint8Array(0)).entries())
        if (quality !== ABSENT) newest = Math.max(newest ?? 0, start + (slot + 1) * minutes * 60);
  return newest;
}

/** The mean of the weekdays before of which everything up to that time of day is known. @param until UTC s */
async function usualOf(desk: Desk, own: OwnPremises, day: string, until: number, access: SubjectAccess): Promise<Today['usual']> {
  const { zone } = own.point;
  const timeOfDay = localDayAt(until - 1, zone).day === day ? lastMinuteOf(until, zone) : MINUTES_OF_DAY;
  const before = Array.from({ length: WEEKS }, (_, week) => plusDays(day, -7 * (week + 1)));
  const found = await Promise.all(before.map((from) => usageOf(desk, own, { from, until: plusDays(from, 1) }, access)));
  const sums = found.map((days) => energyUpTo(days, timeOfDay, zone)).filter((sum) => sum !== undefined);
  if (sums.length < FEWEST_DAYS) return null;
  return { importWh: Math.round(sums.reduce((all, one) => all + one, 0) / sums.length), days: sums.length };
}

/** Local minute of the day at which an interval ended. */
function lastMinuteOf(until: number, zone: string): number {
  return localMinutesOf(until - 60, 1, 1, zone)[0]! + 1;
}

/** Undefined unless the day is one that was measured or estimated from its begin to then. */
function energyUpTo(days: readonly HomeDay[], timeOfDay: number, zone: string): number | undefined {
  let sum = 0;
  let minutesKnown = 0;
  for (const { start, slots, minutes, import: taken } of days) {
    if (taken === undefined) continue;
    for (const [slot, local] of localMinutesOf(start, slots, minutes, zone).entries()) {
      if (local >= timeOfDay) continue;
      const quality = taken.quality[slot]!;
      if (quality === MISSING || quality === ABSENT) return undefined;
      sum += taken.energyWh[slot]!;
      minutesKnown += minutes;
    }
  }
  // A day in spring is an hour shorter, and as usual as it gets.
  return minutesKnown >= timeOfDay - 60 && minutesKnown > 0 ? sum : undefined;
}

function qualityOf(rows: readonly UsageRow[]): Today['quality'] {
  const sum = { measured: 0, estimated: 0, edited: 0, missing: 0 };
  for (const { quality } of rows) for (const name of Object.keys(sum) as (keyof Today['quality'])[]) sum[name] += quality[name];
  return sum;
}

function sumOf(rows: readonly UsageRow[], of: (row: UsageRow) => number | null): number | null {
  const known = rows.map(of).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Null where an interval that came has no price. */
function costOfRows(rows: readonly UsageRow[]): string | null {
  const came = rows.filter(({ importWh, exportWh }) => importWh !== null || exportWh !== null);
  if (came.length === 0 || came.some(({ costMicro }) => costMicro === null)) return null;
  return String(came.reduce((sum, { costMicro }) => sum + BigInt(costMicro!), 0n));
}
