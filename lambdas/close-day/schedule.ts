import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { type LocalDay, latestDueDay, localDay, localDayAt, plusDays } from '../shared/days/local-days.ts';
import type { Cursor } from './cursor.ts';

/** An interval may end so much after the broker's time, and the broker's clock is not quite the store's. */
const EARLY_MS = 15 * 60_000;
/** Intervals older than this are quarantined: no day further back can still be begun. */
const OLDEST_DAYS = 45;
/** Days after which a day is final in any case: D+5 07:00 is D+4's own 07:00. */
export const FINAL_AFTER = 4;

/** Per zone of the segment's meters, the next day to close whose 07:00 has come. */
export function dueDays(cursor: Cursor, now: number): Map<string, LocalDay> {
  const due = new Map<string, LocalDay>();
  for (const [zone, since] of zonesOf(cursor)) {
    const latest = latestDueDay(now, zone);
    const next = plusDays(cursor.closed.get(zone) ?? dayBeforeFirst(zone, since, latest), 1);
    if (next <= latest) due.set(zone, localDay(next, zone));
  }
  return due;
}

/** Zones with the first instant (UTC ms) at which one of their meters was here. */
function zonesOf({ roster }: Cursor): Map<string, number> {
  const zones = new Map<string, number>();
  for (const member of roster.members) {
    if (member === undefined) continue;
    const { zone } = member.asset;
    zones.set(zone, Math.min(zones.get(zone) ?? Number.POSITIVE_INFINITY, member.since));
  }
  return zones;
}

function dayBeforeFirst(zone: string, since: number, latest: string): string {
  const first = localDayAt(Math.floor(since / 1000), zone).day;
  const [, begun] = [first, plusDays(latest, -OLDEST_DAYS)].sort();
  return plusDays(begun!, -1);
}

/** Where reading begins for these days: at the earliest of their midnights. */
export function readFrom({ marks }: Cursor, due: ReadonlyMap<string, LocalDay>): number {
  return Math.min(...[...due.values()].map(({ start }) => marks.get(start) ?? 0));
}

/** First version that a pass to come may read: what lies before is in meter days that were closed. */
export function neededFrom(cursor: Cursor): number {
  let needed = cursor.readTo + 1;
  for (const zone of zonesOf(cursor).keys()) {
    const last = cursor.closed.get(zone);
    if (last === undefined) return 0;
    needed = Math.min(needed, cursor.marks.get(localDay(plusDays(last, 1), zone).start) ?? 0);
  }
  return needed;
}

/** Notes the first commits behind local midnights as they go by, for the passes to come. */
export class MidnightMarks {
  readonly #marks: Map<number, number>;
  /** Midnights not reached yet, rising. */
  readonly #ahead: number[];

  constructor(cursor: Cursor, due: ReadonlyMap<string, LocalDay>, now: number) {
    this.#marks = cursor.marks;
    const ahead = new Set<number>();
    for (const [zone, first] of due) {
      for (let day = first; day.start * 1000 <= now; day = localDay(plusDays(day.day, 1), zone)) ahead.add(day.end);
    }
    this.#ahead = [...ahead].filter((midnight) => !cursor.marks.has(midnight)).sort((a, b) => a - b);
  }

  pass({ recordedAt, version }: RecordedCommit): void {
    while (this.#ahead.length > 0 && recordedAt >= this.#ahead[0]! * 1000 - EARLY_MS) this.#marks.set(this.#ahead.shift()!, version);
  }

  /** Everything up to `readTo` was recorded before the midnights that are left. Midnights before `oldest` are forgotten. */
  finish(readTo: number, oldest: number): void {
    for (const midnight of this.#ahead) this.#marks.set(midnight, readTo + 1);
    for (const midnight of this.#marks.keys()) if (midnight < oldest) this.#marks.delete(midnight);
  }
}
