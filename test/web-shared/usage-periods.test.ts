import { beforeEach, describe, expect, it } from 'vitest';
import type { UsageRow } from '../../api/customer-usage.ts';
import { namesOf, periodTitle } from '../../web/portal/views/usage/bucket-names.ts';
import { bucketsOf, periodBeside, periodOf } from '../../web/portal/views/usage/period.ts';
import { changeOf, sumOf, usageBars, worths } from '../../web/portal/views/usage/usage-bars.ts';
import { takeLanguages } from '../../web/shared/i18n.ts';
import { addMonths, localDayOf, startOfDay, weekOf } from '../../web/shared/local-date.ts';

const ZONE = 'Europe/Berlin';
const HOUR = 3_600_000;

function row(start: number, importWh: number | null, quality: Partial<UsageRow['quality']> = {}): UsageRow {
  const whole = { measured: 4, estimated: 0, edited: 0, missing: 0, ...quality };
  const cost = importWh === null ? null : String(importWh * 250);
  return {
    start: new Date(start).toISOString(),
    end: new Date(start + HOUR).toISOString(),
    importWh,
    exportWh: null,
    costMicro: cost,
    quality: whole,
  };
}

describe('local dates', () => {
  it('begin at midnight of the home, in summer and in winter, and where midnight is skipped', () => {
    expect(new Date(startOfDay('2026-06-10', ZONE)).toISOString()).toBe('2026-06-09T22:00:00.000Z');
    expect(new Date(startOfDay('2026-12-10', ZONE)).toISOString()).toBe('2026-12-09T23:00:00.000Z');
    expect(new Date(startOfDay('2026-09-06', 'America/Santiago')).toISOString()).toBe('2026-09-06T04:00:00.000Z');
    expect(new Date(startOfDay('2026-06-10', 'Pacific/Auckland')).toISOString()).toBe('2026-06-09T12:00:00.000Z');
    expect(localDayOf(Date.parse('2026-06-10T22:30:00Z'), ZONE)).toBe('2026-06-11');
  });

  it('have weeks from Monday, and months over the end of a year', () => {
    expect([weekOf('2026-06-10'), weekOf('2026-06-14'), weekOf('2026-06-08')]).toEqual(['2026-06-08', '2026-06-08', '2026-06-08']);
    expect([addMonths('2026-01-31', -1), addMonths('2026-12-05', 1)]).toEqual(['2025-12-01', '2027-01-01']);
  });
});

describe('periods', () => {
  beforeEach(() => takeLanguages(['en-GB'], null));

  it('hold the day they were chosen by, and lie side by side', () => {
    for (const kind of ['day', 'week', 'month', 'year'] as const) {
      const period = periodOf(kind, '2026-06-10');
      expect(period.from <= '2026-06-10' && '2026-06-10' < period.until).toBe(true);
      expect(periodBeside(period, -1).until).toBe(period.from);
      expect(periodBeside(period, 1).from).toBe(period.until);
    }
  });

  it('have as many bars as there are hours, days and months', () => {
    const count = (kind: 'day' | 'week' | 'month' | 'year', day: string) => bucketsOf(periodOf(kind, day), ZONE).length;
    expect([count('day', '2026-06-10'), count('day', '2026-03-29'), count('day', '2026-10-25')]).toEqual([24, 23, 25]);
    expect([count('week', '2026-03-29'), count('month', '2026-02-01'), count('year', '2026-02-01')]).toEqual([7, 28, 12]);
  });

  it('name the hour that comes twice with its clock, and no other', () => {
    const period = periodOf('day', '2026-10-25');
    const buckets = bucketsOf(period, ZONE);
    const titles = buckets.map((bucket, i) => namesOf(period, ZONE)(bucket, i, buckets).title);
    expect(new Set(titles).size).toBe(25);
    expect(titles.filter((title) => /CES?T|GMT/.test(title)).length).toBe(2);
    expect(titles[0]).toBe('25 Oct, 00:00 to 01:00');
  });

  it('are titled as people say them', () => {
    const titles = (['day', 'week', 'month', 'year'] as const).map((kind) => periodTitle(periodOf(kind, '2026-06-10')));
    expect(titles.map((title) => title.replaceAll(/\s/g, ' '))).toEqual([
      'Wednesday, 10 June 2026',
      '8 – 14 Jun 2026',
      'June 2026',
      '2026',
    ]);
  });
});

describe('bars of usage', () => {
  const period = periodOf('day', '2026-06-10');
  const buckets = bucketsOf(period, ZONE);
  const start = buckets[0]!.start;
  const rows = [
    row(start, 500),
    row(start + HOUR, 0, { estimated: 1 }),
    row(start + 2 * HOUR, 300, { edited: 1, estimated: 1 }),
    row(start + 3 * HOUR, 200, { missing: 2 }),
    row(start + 4 * HOUR, null, { measured: 0, missing: 4 }),
    row(start + 6 * HOUR, 100),
  ];
  const names = namesOf(period, ZONE);
  const now = start + 9 * HOUR;

  it('say how sure they are; what is missing is no zero, and what is to come is not missing', () => {
    const bars = usageBars({ buckets, rows, unit: 'energy', names, now });
    expect(bars.slice(0, 10).map(({ value, mark }) => [value, mark])).toEqual([
      [500, 'measured'],
      [0, 'estimated'],
      [300, 'edited'],
      [200, 'partial'],
      [null, 'missing'],
      [null, 'missing'],
      [100, 'measured'],
      [null, 'future'],
      [null, 'future'],
      [null, 'future'],
    ]);
    const dayLater = usageBars({ buckets, rows, unit: 'energy', names, now: now + 24 * HOUR });
    expect(dayLater.slice(6, 10).map(({ mark }) => mark)).toEqual(['measured', 'missing', 'missing', 'future']);
  });

  it('are worth money as the tariff had it', () => {
    const bars = usageBars({ buckets, rows, unit: 'money', names, now });
    expect(sumOf(bars.map(({ value }) => value))).toBe(275_000);
    expect(sumOf([null, null])).toBeNull();
  });

  it('compare what both periods know, and what is over', () => {
    const dayBefore = bucketsOf(periodBeside(period, -1), ZONE);
    const earlier = [
      row(dayBefore[0]!.start, 400),
      row(dayBefore[1]!.start, 100),
      row(dayBefore[4]!.start, 9_000),
      row(dayBefore[20]!.start, 9_000),
    ];
    const before = worths(dayBefore, earlier, 'energy');
    const bars = usageBars({ buckets, rows, unit: 'energy', names, now, before });
    expect(bars[0]).toMatchObject({ value: 500, before: 400 });
    expect(changeOf(bars, buckets, now)).toBe(0);
    expect(changeOf(bars, buckets, start + HOUR)).toBeCloseTo(0.25);
    expect(changeOf(usageBars({ buckets, rows, unit: 'energy', names, now }), buckets, now)).toBeNull();
  });
});
