import { describe, expect, it } from 'vitest';
import { dayNumber, holidayRules, holidaysOf, weekdayOf } from '../../domain/demand/forecast/holidays.ts';
import { isHoliday } from '../../lambdas/close-day/holidays.ts';

const LONDON = 'Europe/London';
const iso = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);

function closedDays(year: number, zone: string): string[] {
  return [...holidaysOf(year, holidayRules(zone))]
    .filter(([, as]) => as !== 'bridge')
    .map(([day]) => iso(day))
    .sort();
}

describe('holidays by rule', () => {
  it.each([2013, 2014, 2025, 2026, 2027])('of England in %i are those that the government named', (year) => {
    const named: string[] = [];
    for (let day = dayNumber(year, 1, 1); day < dayNumber(year + 1, 1, 1); day++) if (isHoliday(iso(day), LONDON)) named.push(iso(day));
    const working = closedDays(year, LONDON).filter((day) => weekdayOf(Date.parse(day) / 86_400_000) < 6);
    expect(working).toEqual(named);
    expect(named.length).toBe(8);
  });

  it('of the United States in 2017 are those that the government named, and the day after Thanksgiving', () => {
    const days = holidaysOf(2017, holidayRules('America/New_York'));
    const named = ['2017-01-01', '2017-01-02', '2017-01-16', '2017-02-20', '2017-05-29', '2017-07-04', '2017-09-04', '2017-10-09'];
    const more = ['2017-11-10', '2017-11-11', '2017-11-23', '2017-11-24', '2017-12-24', '2017-12-25', '2017-12-31'];
    expect([...days.keys()].map(iso).sort()).toEqual([...named, ...more]);
    expect(days.get(dayNumber(2017, 11, 23))).toBe('quiet');
    expect(days.get(dayNumber(2017, 11, 24))).toBe('bridge');
  });

  it('are none where no rules are known', () => {
    expect(holidayRules('Antarctica/Troll')).toEqual([]);
    expect(holidayRules('__proto__')).toEqual([]);
  });
});
