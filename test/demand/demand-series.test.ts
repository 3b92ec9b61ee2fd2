import { describe, expect, it } from 'vitest';
import { type DemandDay, demandSeries, energyAt } from '../../domain/demand/forecast/series.ts';
import { FIRST } from './series.ts';

/** A day on which the clock is changed by so many hours at 01:00. */
function day(at: number, minutes: number, changed: -1 | 0 | 1): DemandDay {
  const clockMinutes: number[] = [];
  for (let minute = 0; minute < 1440; minute += minutes) {
    if (changed === 1 && minute >= 60 && minute < 120) continue;
    clockMinutes.push(minute);
    if (changed === -1 && minute === 120 - minutes) for (let again = 60; again < 120; again += minutes) clockMinutes.push(again);
  }
  return { day: at, clockMinutes, energyWh: clockMinutes.map((_, i) => 100 + i) };
}

describe('demand by the wall clock', () => {
  it.each([
    [0, 96],
    [1, 92],
    [-1, 100],
  ] as const)('a day changed by %i h has %i quarter-hours, and 96 on the grid', (changed, slots) => {
    const made = day(FIRST, 15, changed);
    expect(made.clockMinutes).toHaveLength(slots);
    const series = demandSeries(15, [made]);
    expect(series.energyWh).toHaveLength(96);
    expect([...series.energyWh].filter(Number.isNaN)).toHaveLength(changed === 1 ? 4 : 0);
    expect(energyAt(series, FIRST, 95)).toBe(100 + slots - 1);
    // 01:00 came twice, as the fifth and as the ninth quarter-hour.
    expect(energyAt(series, FIRST, 4)).toEqual(changed === 0 ? 104 : changed === 1 ? Number.NaN : (104 + 108) / 2);
  });

  it('days in any order make the same series; a day that is not given is missing', () => {
    const [one, two, four] = [day(FIRST, 30, 0), day(FIRST + 1, 30, 0), day(FIRST + 3, 30, 0)];
    const series = demandSeries(30, [four, one, two]);
    expect(series).toEqual(demandSeries(30, [one, two, four]));
    expect(energyAt(series, FIRST + 2, 7)).toBeNaN();
    expect(energyAt(series, FIRST + 3, 7)).toBe(107);
    expect(energyAt(series, FIRST + 4, 0)).toBeNaN();
  });

  it('refuses what is no demand', () => {
    const sound = day(FIRST, 60, 0);
    const bad: [string, () => unknown][] = [
      ['an interval', () => demandSeries(20, [sound])],
      ['a slot off the grid', () => demandSeries(60, [{ ...sound, clockMinutes: sound.clockMinutes.map((minute) => minute + 1) }])],
      ['no integer', () => demandSeries(60, [{ ...sound, energyWh: sound.energyWh.map((energy) => energy! + 0.5) }])],
      ['a day twice', () => demandSeries(60, [sound, sound])],
    ];
    for (const [what, make] of bad) expect(make, what).toThrow(/demand of an area/);
  });
});
