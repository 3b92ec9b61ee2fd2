import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { daysWords } from '../../web/portal/views/bill/days-words.ts';
import { lineWords, quantityWords } from '../../web/portal/views/bill/line-words.ts';
import { type BillHead, besideUsual, billBefore, differenceOf, lastDayOf, progressOf, sumOf } from '../../web/portal/views/bill/period.ts';
import { takeLanguages } from '../../web/shared/i18n.ts';
import { addDays, daysBetween, localDayOf, monthsOn } from '../../web/shared/local-date.ts';

const BILL: BillHead = {
  bill: 'p1.2026-10-01',
  usagePoint: 'p1',
  from: '2026-10-01',
  until: '2026-11-01',
  currency: 'EUR',
  totalMicro: '62000000',
  importWh: 310_000,
  estimatedBasisPoints: 0,
  revision: 1,
  issuedAt: '2026-11-03T08:00:00.000Z',
};
const bill = (changed: Partial<BillHead>): BillHead => ({ ...BILL, ...changed });

describe('local days', () => {
  test('a day is one day after the day before, over years and leap days', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(monthsOn('2026-01', -13)).toBe('2024-12');
  });

  test('counting days and adding them are each other’s inverse', () => {
    const day = fc.integer({ min: 0, max: 60_000 }).map((days) => addDays('1990-01-01', days));
    fc.assert(fc.property(day, fc.integer({ min: -5_000, max: 5_000 }), (from, days) => daysBetween(from, addDays(from, days)) === days));
  });

  test('the local date is that of the zone, not of UTC', () => {
    expect(localDayOf('2026-11-25T23:30:00.000Z', 'Europe/Berlin')).toBe('2026-11-26');
    expect(localDayOf(Date.parse('2026-11-26T02:00:00.000Z'), 'America/New_York')).toBe('2026-11-25');
  });
});

describe('a billing period', () => {
  test('the day that is going on is still left, and the first day after is none', () => {
    expect(progressOf(BILL, '2026-10-31')).toEqual({ left: 1, share: 30 / 31 });
    expect(progressOf(BILL, '2026-11-01')).toEqual({ left: 0, share: 1 });
    expect(progressOf(BILL, '2026-12-24')).toEqual({ left: 0, share: 1 });
    expect(progressOf(BILL, '2026-10-01')).toEqual({ left: 31, share: 0 });
    expect(lastDayOf(BILL)).toBe('2026-10-31');
  });

  test('a bill is compared with the latest that ended before it, of the same point and currency', () => {
    const before = bill({ bill: 'p1.2026-09-01', from: '2026-09-01', until: '2026-10-01' });
    const others = [
      BILL,
      bill({ bill: 'p1.2026-08-01', from: '2026-08-01', until: '2026-09-01' }),
      before,
      bill({ bill: 'p2', usagePoint: 'p2', from: '2026-09-15', until: '2026-10-01' }),
      bill({ bill: 'gbp', currency: 'GBP', from: '2026-09-20', until: '2026-10-01' }),
      bill({ bill: 'later', from: '2026-11-01', until: '2026-12-01' }),
    ];
    expect(billBefore(others, BILL)).toEqual(before);
    expect(billBefore([BILL], BILL)).toBeUndefined();
  });

  test('periods of other length are compared by the day as well', () => {
    const before = bill({ from: '2026-09-01', until: '2026-10-01', importWh: 270_000, totalMicro: '-1000000' });
    expect(differenceOf(BILL, before)).toEqual({
      moneyMicro: 63_000_000n,
      importWh: 40_000,
      days: 1,
      perDayWh: 10_000,
      perDayBeforeWh: 9_000,
    });
  });

  test('days that were closed on estimates are not told as read', () => {
    takeLanguages(['en'], null);
    expect(daysWords({ daysKnown: 3, daysEstimated: 3 }, 3)).toBe('3 of 3 days so far are closed, all of them with estimates');
    expect(daysWords({ daysKnown: 2, daysEstimated: 1 }, 3)).toBe('2 of 3 days so far are closed, 1 of them with estimates');
    expect(daysWords({ daysKnown: 3, daysEstimated: 0 }, 3)).toBe('3 of 3 days so far are closed');
    expect(daysWords({ daysKnown: 0, daysEstimated: 0 }, 2)).toBe('0 of 2 days so far are closed');
  });

  test('money is summed beyond what a number holds', () => {
    expect(sumOf([{ amountMicro: '900719925474099300' }, { amountMicro: '3' }, { amountMicro: '-1' }])).toBe(900_719_925_474_099_302n);
  });

  test('within three per cent an expected amount is as usual', () => {
    expect(besideUsual('103000000', '100000000')).toEqual({ is: 'usual', byMicro: 3_000_000n });
    expect(besideUsual('103000001', '100000000')).toEqual({ is: 'more', byMicro: 3_000_001n });
    expect(besideUsual('90000000', '100000000')).toEqual({ is: 'less', byMicro: 10_000_000n });
    expect(besideUsual('-5', '-100')).toMatchObject({ is: 'more' });
  });
});

describe('a line of a bill', () => {
  test('its code is said in the language of the customer', () => {
    takeLanguages(['de-AT'], null);
    expect(lineWords({ text: 'energy/night' })).toBe('Energie, Nacht');
    expect(lineWords({ text: 'standing/standing' })).toBe('Grundpreis');
    expect(lineWords({ text: 'credit/carried' })).toBe('Guthaben, für Ihre nächste Rechnung aufgehoben');
    takeLanguages(['fr'], null);
    expect(lineWords({ text: 'tax/vat' })).toBe('TVA');
    takeLanguages(['en'], null);
    expect(lineWords({ text: 'energy/Low' })).toBe('Energy, low price');
  });

  test('what a tariff names itself stays', () => {
    expect(lineWords({ text: 'Solar bonus' })).toBe('Solar bonus');
    expect(lineWords({ text: 'energy/tier-2' })).toBe('Energy, tier-2');
    expect(lineWords({ text: 'constructor/toString' })).toBe('constructor/toString');
    expect(lineWords({ text: 'energy/a/b' })).toBe('energy/a/b');
  });

  test('the service’s code decides, and its own words stand where the code is unknown', () => {
    takeLanguages(['de'], null);
    expect(lineWords({ code: 'demand/demand', text: 'Demand, demand' })).toBe('Spitzenleistung');
    expect(lineWords({ code: 'lottery/win', text: 'A win' })).toBe('A win');
    takeLanguages(['en'], null);
  });

  test('a quantity is told in the numbers of the language, and what is none stays', () => {
    takeLanguages(['de-DE'], null);
    expect(quantityWords('1234.5 kWh')).toBe('1.234,5 kWh');
    expect(quantityWords('1 day')).toBe('1 Tag');
    expect(quantityWords('31 days')).toBe('31 Tage');
    expect(quantityWords('some of it')).toBe('some of it');
    takeLanguages(['en'], null);
  });
});
