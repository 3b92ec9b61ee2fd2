import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { periodOf } from '../../domain/billing/period-calendar.ts';
import { addDays, addMonths, dateOf, dayNumber, weekdayOf } from '../../domain/tariff/dates.ts';
import { applies, localDayOf } from '../../domain/tariff/local-time.ts';
import { localMinutesOf } from '../../lambdas/billing/local-minutes.ts';
import { midnight } from '../billing/given-period.ts';

describe('dates', () => {
  it('are counted as the calendar counts them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), fc.integer({ min: -40, max: 40 }), (number, months) => {
        const date = dateOf(number);
        const known = Temporal.PlainDate.from(date);
        expect(known.since('1970-01-01', { largestUnit: 'days' }).days).toBe(number);
        expect(dayNumber(date)).toBe(number);
        expect(weekdayOf(date)).toBe(known.dayOfWeek);
        expect(addMonths(date, months)).toBe(known.add({ months }).toString());
        expect(addDays(date, months)).toBe(known.add({ days: months }).toString());
      }),
    );
  });

  it.each(['2013-02-29', '2013-13-01', '2013-00-10', '2013-04-31', '1900-02-29', '13-01-01', '', '2013-6-1'])('%s is none', (text) => {
    expect(() => dayNumber(text)).toThrow(expect.objectContaining({ code: 'ERR_DATE_INVALID' }));
  });
});

describe('billing periods', () => {
  it('begin on their day of every month', () => {
    expect(periodOf('2013-06-30', 1)).toEqual({ from: '2013-06-01', until: '2013-07-01' });
    expect(periodOf('2013-03-14', 15)).toEqual({ from: '2013-02-15', until: '2013-03-15' });
    expect(periodOf('2014-01-03', 28)).toEqual({ from: '2013-12-28', until: '2014-01-28' });
    expect(() => periodOf('2014-01-03', 29)).toThrow(expect.objectContaining({ code: 'ERR_PERIOD_START' }));
  });
});

describe('parts of local time', () => {
  const calendar = { seasons: [{ name: 'winter', from: '10-01', until: '03-31' }], holidays: ['2013-05-01'] };
  const holds = (when: Parameters<typeof applies>[0], date: string, minute: number) => applies(when, localDayOf(date, calendar), minute);

  it('run over midnight and over New Year', () => {
    expect([1380, 0, 419, 420, 1379].map((minute) => holds({ from: 1380, until: 420 }, '2013-06-03', minute))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(
      ['2013-12-31', '2013-01-01', '2013-03-31', '2013-04-01', '2013-09-30', '2013-10-01'].map((date) =>
        holds({ season: 'winter' }, date, 0),
      ),
    ).toEqual([true, true, true, false, false, true]);
  });

  it('know weekdays and holidays', () => {
    expect(holds({ weekdays: [3] }, '2013-05-01', 0)).toBe(true);
    expect(holds({ weekdays: [3], holidays: 'never' }, '2013-05-01', 0)).toBe(false);
    expect(holds({ holidays: 'only' }, '2013-05-01', 0)).toBe(true);
    expect(holds({ holidays: 'only' }, '2013-05-02', 0)).toBe(false);
  });
});

describe('local minutes of a day', () => {
  const minutesOf = (date: string, zone: string, minutes: number) => {
    const start = midnight(date, zone);
    return localMinutesOf(start, (midnight(addDays(date, 1), zone) - start) / 60 / minutes, minutes, zone);
  };

  it.each<[zone: string, date: string, minutes: number, slots: number]>([
    ['Europe/London', '2013-03-31', 30, 46],
    ['Europe/London', '2013-10-27', 30, 50],
    ['America/New_York', '2013-03-10', 15, 92],
    ['America/New_York', '2013-11-03', 5, 300],
    ['Australia/Lord_Howe', '2013-04-07', 15, 98],
    ['Australia/Lord_Howe', '2013-10-06', 15, 94],
    ['America/Sao_Paulo', '2013-10-20', 15, 92],
  ])('in %s on %s follow the clock on the wall', (zone, date, minutes, slots) => {
    const found = minutesOf(date, zone, minutes);
    const start = midnight(date, zone);
    expect(found).toHaveLength(slots);
    const expected = Array.from({ length: slots }, (_, i) => {
      const { hour, minute } = Temporal.Instant.fromEpochMilliseconds((start + i * minutes * 60) * 1000).toZonedDateTimeISO(zone);
      return hour * 60 + minute;
    });
    expect([...found]).toEqual(expected);
  });

  it('jump an hour in spring and repeat one in autumn', () => {
    expect([...minutesOf('2013-03-31', 'Europe/London', 30).slice(0, 4)]).toEqual([0, 30, 120, 150]);
    expect([...minutesOf('2013-10-27', 'Europe/London', 30).slice(2, 7)]).toEqual([60, 90, 60, 90, 120]);
  });
});
