import { describe, expect, it } from 'vitest';
import { emptyCursor } from '../../lambdas/close-day/cursor.ts';
import { MidnightMarks, neededFrom } from '../../lambdas/close-day/schedule.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { HOME } from '../support/sealed-town.ts';

const DAY = '2026-01-15';
const { start, end } = localDay(DAY, 'Europe/London');
const QUARTER_MS = 900_000;

/** Two meters, the second in a zone of its own. */
function cursorOf(...closed: [zone: string, day: string][]) {
  const cursor = emptyCursor();
  for (const [number, zone] of ['Europe/London', 'Europe/Berlin'].entries()) {
    const member = { meterId: `m${number}`, asset: { ...HOME, zone }, since: start * 1000, lastEnd: 0, estimatedDays: 0, silent: false };
    cursor.roster.set(number, member);
  }
  cursor.readTo = 40;
  for (const [zone, day] of closed) cursor.closed.set(zone, day);
  cursor.marks.set(end, 12).set(localDay(DAY, 'Europe/Berlin').end, 9);
  return cursor;
}

describe('what closing still has to read', () => {
  it('is everything while a zone of the segment has no closed day', () => {
    expect(neededFrom(cursorOf(['Europe/London', DAY]))).toBe(0);
    expect(neededFrom(cursorOf())).toBe(0);
  });

  it('begins at the earliest midnight behind a day that is closed everywhere', () => {
    expect(neededFrom(cursorOf(['Europe/London', DAY], ['Europe/Berlin', DAY]))).toBe(9);
  });

  it('begins before the last commit read where no midnight is marked', () => {
    const cursor = cursorOf(['Europe/London', DAY], ['Europe/Berlin', DAY]);
    cursor.marks.clear();
    expect(neededFrom(cursor)).toBe(0);
  });
});

describe('the mark of a midnight', () => {
  const due = new Map([['Europe/London', localDay(DAY, 'Europe/London')]]);
  const commit = (recordedAt: number, version: number) => ({ recordedAt, version }) as RecordedCommit;
  const marked = (...commits: readonly RecordedCommit[]) => {
    const cursor = emptyCursor();
    const marks = new MidnightMarks(cursor, due, end * 1000 + 1);
    for (const one of commits) marks.pass(one);
    return cursor.marks;
  };

  it('is the first commit from a quarter of an hour before it on: a clock may be so much ahead', () => {
    const early = end * 1000 - QUARTER_MS;
    expect(marked(commit(early - 1, 3), commit(early, 5), commit(end * 1000, 8)).get(end)).toBe(5);
  });

  it('is set once, for every midnight that one commit lies behind', () => {
    const next = localDay('2026-01-16', 'Europe/London').end;
    const marks = marked(commit(next * 1000, 7), commit(next * 1000 + 1, 9));
    expect([...marks]).toEqual([
      [end, 7],
      [next, 7],
    ]);
  });
});
