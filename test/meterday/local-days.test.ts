import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsBetween } from '../../domain/usagepoint/tenancy.ts';
import {
  daysBetween,
  finalAt,
  latestDueDay,
  localDay,
  localDayAt,
  localDayOfSlot,
  meterDayStream,
  plusDays,
  provisionalAt,
  slotCount,
} from '../../lambdas/shared/days/local-days.ts';

const SWITCHES = [
  { zone: 'Europe/London', day: '2026-03-29', quarters: 92 },
  { zone: 'Europe/London', day: '2026-10-25', quarters: 100 },
  { zone: 'America/New_York', day: '2026-03-08', quarters: 92 },
  { zone: 'America/New_York', day: '2026-11-01', quarters: 100 },
  { zone: 'Australia/Lord_Howe', day: '2026-04-05', quarters: 98 },
  { zone: 'Australia/Lord_Howe', day: '2026-10-04', quarters: 94 },
] as const;

describe('local days', () => {
  it.each(SWITCHES)('$zone has $quarters quarter-hours on $day and 96 around it', ({ zone, day, quarters }) => {
    const slots = (date: string) => slotCount(localDay(date, zone).start, localDay(date, zone).end, 15);
    expect([slots(plusDays(day, -1)), slots(day), slots(plusDays(day, 1))]).toEqual([96, quarters, 96]);
  });

  it.each(SWITCHES)('$zone around $day: every slot lies in exactly one day, none is lost or doubled', ({ zone, day }) => {
    for (const minutes of [5, 15, 30]) {
      const days = [-1, 0, 1].map((n) => localDay(plusDays(day, n), zone));
      const seen = new Map<string, number>();
      for (let end = days[0]!.start + minutes * 60; end <= days[2]!.end; end += minutes * 60) {
        const name = localDayOfSlot(end, zone).day;
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
      expect([...seen]).toEqual(days.map((d) => [d.day, slotCount(d.start, d.end, minutes)]));
    }
  });

  it('begins at its first instant where midnight does not exist', () => {
    expect(localDay('2026-09-06', 'America/Santiago').start * 1000).toBe(Date.UTC(2026, 8, 6, 4));
    expect(slotCount(localDay('2026-09-06', 'America/Santiago').start, localDay('2026-09-06', 'America/Santiago').end, 15)).toBe(92);
  });

  it.each(SWITCHES)('$zone on $day: provisional and final at 07:00 by the wall clock', ({ zone, day }) => {
    const wall = (at: number) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at);
    expect(wall(provisionalAt(day, zone))).toBe(`${plusDays(day, 1)} 07:00`);
    expect(wall(finalAt(day, zone))).toBe(`${plusDays(day, 5)} 07:00`);
  });

  it('a day is due from 07:00 of the next on, and not a millisecond before', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SWITCHES), fc.integer({ min: -3, max: 3 }), ({ zone, day }, shift) => {
        const date = plusDays(day, shift);
        expect(latestDueDay(provisionalAt(date, zone), zone)).toBe(date);
        expect(latestDueDay(provisionalAt(date, zone) - 1, zone)).toBe(plusDays(date, -1));
      }),
    );
  });

  it('days follow one another without a gap in any zone', () => {
    const zone = fc.constantFrom('Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia');
    fc.assert(
      fc.property(zone, fc.integer({ min: Date.UTC(2012, 0) / 1000, max: Date.UTC(2030, 0) / 1000 }), (name, at) => {
        const { day, start, end } = localDayAt(at, name);
        expect(start <= at && at < end).toBe(true);
        expect(localDay(plusDays(day, 1), name).start).toBe(end);
        expect(daysBetween(day, localDayAt(end, name).day)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('a cut divides a day into parts, each with a stream of its own', () => {
    const day = localDay('2026-10-25', 'Europe/London');
    const cut = day.start + 9 * 3600;
    const cuts = [day.start, cut, day.end].map((at, i) => ({ subject: `account-${i}`, from: at * 1000 }));
    expect(partsBetween(cuts, day.start * 1000, day.end * 1000)).toEqual([
      { subject: 'account-0', from: day.start * 1000, until: cut * 1000 },
      { subject: 'account-1', from: cut * 1000, until: day.end * 1000 },
    ]);
    expect([1, 2].map((part) => meterDayStream('02a1b2c3d4e5f607', day.day, part))).toEqual([
      'meterday/02a1b2c3d4e5f607/2026-10-25',
      'meterday/02a1b2c3d4e5f607/2026-10-25.2',
    ]);
  });
});
