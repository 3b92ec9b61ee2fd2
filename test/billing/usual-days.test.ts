import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RatedDay } from '../../domain/billing/billing-input.ts';
import { flowOf, sumOf } from '../../domain/billing/flows.ts';
import { IMPORT_WH } from '../../domain/billing/stretch.ts';
import { usualDays } from '../../domain/billing/usual-days.ts';
import { addDays, weekdayOf } from '../../domain/tariff/dates.ts';
import { NO_COUNTS, SLOT_SOURCES } from '../../events/index.ts';

const MONDAY = '2026-06-01';
const MEASURED = SLOT_SOURCES.indexOf('measured');
/** Four slots of six hours. */
const TIMES = Uint16Array.from([0, 360, 720, 1080]);

/** @param values of its slots; none: a frame */
function dayOf(day: string, values?: readonly number[]): RatedDay {
  const counts = Uint32Array.from(TIMES, (_, i) => values?.[i] ?? NO_COUNTS);
  const sources = Uint8Array.from(TIMES, (_, i) => (values?.[i] === undefined ? 0 : MEASURED));
  const channel = { obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', perCount: 1, counts, sources } as const;
  const start = Date.parse(`${day}T00:00:00Z`) / 1000;
  return {
    stream: `meterday/m/${day}`,
    revision: values === undefined ? 0 : 1,
    day,
    start,
    minutes: 360,
    localMinutes: TIMES,
    held: false,
    channels: [channel],
  };
}

const weeks = (count: number, valuesOf: (day: string, i: number) => readonly number[]) =>
  Array.from({ length: 7 * count }, (_, i) => addDays(MONDAY, i)).map((day, i) => dayOf(day, valuesOf(day, i)));
const sum = (day: RatedDay) => Number(sumOf(flowOf([day], IMPORT_WH)));

describe('usual days', () => {
  it('are the mean of the same weekday, slot by slot', () => {
    const usual = usualDays(weeks(2, (day, i) => (weekdayOf(day) === 7 ? [10, 20, 30, i < 7 ? 40 : 60] : [1, 1, 1, 1])))!;
    const sunday = usual.fill(dayOf('2026-06-21'), 1);
    expect([...sunday.channels[0]!.counts]).toEqual([10, 20, 30, 50]);
    expect([...usual.fill(dayOf('2026-06-22'), 1).channels[0]!.counts]).toEqual([1, 1, 1, 1]);
    expect(sunday.revision).toBeGreaterThan(0);
  });

  it('want a week; and of a spread, two', () => {
    expect(usualDays(weeks(1, () => [1, 1, 1, 1]).slice(1))).toBeUndefined();
    expect(usualDays(weeks(4, () => [1, 1, 1, 1]).map(({ day }) => dayOf(day)))).toBeUndefined();
    expect(usualDays(weeks(1, () => [1, 1, 1, 1]))!.spread([dayOf('2026-06-08')])).toBeUndefined();
    expect(usualDays(weeks(2, () => [1, 1, 1, 1]))!.spread([dayOf('2026-06-15')])).toBe(0);
  });

  it('spread by what days of a weekday deviate: one day ahead by its own deviation and that of the mean', () => {
    // Each weekday has 90 and 110 in every slot: 360 and 440 a day, squares of 40 from 400, 14 of them over 7 degrees.
    const usual = usualDays(weeks(2, (_, i) => (i < 7 ? [90, 90, 90, 90] : [110, 110, 110, 110])))!;
    const variance = (14 * 40 ** 2) / 7;
    expect(usual.spread([dayOf('2026-06-15')])).toBeCloseTo((1.28 * Math.sqrt(variance * (1 + 1 / 2))) / 400, 10);
    expect(usual.spread([dayOf('2026-06-15'), dayOf('2026-06-16')])).toBeCloseTo((1.28 * Math.sqrt(2 * variance * (1 + 1 / 2))) / 800, 10);
  });

  it('of a time that no weekday had take the mean of all, and lose nothing to rounding', () => {
    const values = fc.array(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 4, maxLength: 4 }), { minLength: 28, maxLength: 28 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 3, noNaN: true }), (given, factor) => {
        const known = weeks(4, (_, i) => given[i]!);
        const filled = usualDays(known)!.fill(dayOf('2026-07-06'), factor);
        const mondays = known.filter(({ day }) => weekdayOf(day) === 1);
        const mean = mondays.reduce((total, day) => total + sum(day), 0) / mondays.length;
        expect(Math.abs(sum(filled) - mean * factor)).toBeLessThanOrEqual(0.5 + 1e-6);
      }),
    );
  });
});
