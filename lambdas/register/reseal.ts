import type { Platform } from '../../platform/ports/platform.ts';
import { rowContextOf, rowIdOf, SUBJECT_KEK, subjectOfRow, subjectRowsOf } from '../../platform/ports/subject-rows.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import { resealsDue, settleReseal } from './reseal-agenda.ts';
import { type Resealing, resealDay } from './reseal-day.ts';
import { daysIn, framesOf, metersOf, placesOf } from './reseal-meters.ts';
import { type TenancyHistory, tenancyHistory } from './tenancy-history.ts';

/** Nobody works longer than this with a key or a place of a meter that was looked up. */
export const LOOKED_UP_MS = 16 * 60_000;
const DAY_MS = 86_400_000;

export interface ResealReport {
  /** Streams sealed again. */
  readonly sealed: number;
  /** Rows of the key table destroyed. */
  readonly destroyed: readonly string[];
  /** UTC ms from which the rest can be done; absent when nothing is left. */
  readonly waitsUntil?: number;
}

/** A month of which days moved away from a subject: every row made up to `until` may seal what is another's now. */
interface Owed {
  readonly subject: string;
  readonly month: string;
  /** UTC ms. */
  readonly until: number;
}

/** Seals again what is due, at every usage point on the agenda. Runs as the principal that may destroy rows of subjects. */
export async function runReseals(platform: Platform): Promise<ReadonlyMap<string, ResealReport>> {
  const reports = new Map<string, ResealReport>();
  for (const usagePoint of await resealsDue(platform)) reports.set(usagePoint, await resealPoint(platform, usagePoint));
  return reports;
}

/**
 * After a tenancy was corrected: the days of the months it touches are sealed again under new rows, each under its right subject,
 * and the former subject's rows are destroyed. A month is the unit: what remains is sealed again as well. What is owed
 * follows from the stream and the key table, so it can break off anywhere and be run again.
 *
 *   corrected   nobody seals by the tenancy of before        new row   nobody seals under the old one        seal again, destroy
 *       |---------------- LOOKED_UP_MS ----------------------->|----------------- LOOKED_UP_MS --------------->|
 *
 * @throws ERR_POINT_UNKNOWN
 */
export async function resealPoint(platform: Platform, usagePoint: string): Promise<ResealReport> {
  const history = await tenancyHistory(platform, usagePoint);
  const months = owedMonths(history);
  const ready = await Promise.all(months.map((owed) => prepareRows(platform, owed)));
  const waits = ready.filter((one) => typeof one === 'number');
  if (waits.length > 0) return { sealed: 0, destroyed: [], waitsUntil: Math.max(...waits) };
  const destroyed: string[] = [];
  let sealed = 0;
  for (const [i, owed] of months.entries()) {
    const rows = (ready as (readonly string[])[])[i]!;
    if (rows.length === 0) continue;
    sealed += await resealMonth(platform, history, owed, rows);
    for (const row of rows) await platform.keys.destroy(row);
    destroyed.push(...rows);
  }
  await settleReseal(platform, usagePoint);
  return { sealed, destroyed };
}

function owedMonths({ state, moves }: TenancyHistory): Owed[] {
  const owed = new Map<string, Owed>();
  for (const { span, recordedAt } of moves) {
    for (const month of monthsBetween(span.from, span.until, state.zone)) {
      owed.set(`${span.subject}/${month}`, { subject: span.subject, month, until: recordedAt + LOOKED_UP_MS });
    }
  }
  return [...owed.values()];
}

/** @returns the rows to be replaced, or an instant (UTC ms) to wait for: nothing is sealed again before every new row is known to all */
async function prepareRows({ clock, keys, kms }: Platform, { subject, month, until }: Owed): Promise<readonly string[] | number> {
  const now = clock.now();
  if (now <= until) return until + 1;
  const prefix = subjectRowsOf({ of: 'usage', subject, month });
  const rows = await keys.list(prefix);
  const old = rows.filter(({ createdAt }) => createdAt <= until);
  if (old.length === 0) return [];
  const fresh = rows.find(({ createdAt }) => createdAt > until);
  if (fresh === undefined) {
    const id = rowIdOf(prefix, now);
    const { plaintext, wrapped } = await kms.generateDataKey(SUBJECT_KEK, rowContextOf(id));
    plaintext.fill(0);
    await keys.putIfAbsent({ id, wrapped, wrappedBy: SUBJECT_KEK, createdAt: now });
    return now + LOOKED_UP_MS;
  }
  return now < fresh.createdAt + LOOKED_UP_MS ? fresh.createdAt + LOOKED_UP_MS : old.map(({ id }) => id);
}

async function resealMonth(platform: Platform, history: TenancyHistory, owed: Owed, rows: readonly string[]): Promise<number> {
  const { state, moves } = history;
  const oldRows = new Set(rows);
  const here = new Set(state.installations.map(({ meterId }) => meterId));
  const days: { readonly meterId: string; readonly names: readonly string[] }[] = [];
  const subjects = new Set<string>();
  for (const meterId of new Set([...here, ...(await metersOf(platform, owed.subject))])) {
    for (const names of (await daysIn(platform, meterId, owed.month)).values()) {
      const sealedBy = (await Promise.all(names.map((name) => platform.events.rowsOf(name)))).flat();
      if (!sealedBy.some((row) => oldRows.has(row))) continue;
      days.push({ meterId, names });
      for (const row of sealedBy) subjects.add(subjectOfRow(row)!.subject);
    }
  }
  if (days.length === 0) return 0;
  const first = Date.parse(`${owed.month}-01T00:00:00Z`);
  const access = await openSubjectData(platform, { purpose: 'reseal', from: first - DAY_MS, until: first + 33 * DAY_MS, subjects });
  const pass: Resealing = { platform, access, oldRows, reason: `tenancy of ${state.usagePoint} as of version ${moves.at(-1)!.version}` };
  let sealed = 0;
  for (const { meterId, names } of days) {
    // At other usage points the days stay as they are, under the new row.
    const places = here.has(meterId) ? await placesOf(platform, meterId, state) : undefined;
    sealed += await resealDay(pass, names, places && ((frame) => framesOf(places, frame)));
  }
  return sealed;
}

function* monthsBetween(from: number, until: number, zone: string): Generator<string, void, void> {
  const last = localDayAt(Math.ceil(until / 1000) - 1, zone).day.slice(0, 7);
  for (let month = localDayAt(Math.floor(from / 1000), zone).day.slice(0, 7); month <= last; month = monthAfter(month)) yield month;
}

function monthAfter(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}
