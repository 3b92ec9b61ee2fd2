import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayNumber } from '../../domain/demand/forecast/holidays.ts';
import { demandTrend, spanTrend } from '../../domain/demand/trend.ts';
import { FIRST, madeDemand, withValues } from './series.ts';

const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe('the trend of demand', () => {
  it('finds the peak, the steepest rise and fall and the load factor of a day made by hand', () => {
    const flat = withValues(madeDemand(1, 60), () => 1_000);
    const series = withValues(flat, (energyWh, _day, slot) => (slot === 18 ? 4_000 : slot === 19 ? 2_500 : energyWh));
    const [day] = demandTrend(series).days;
    expect(day).toMatchObject({
      peak: { day: FIRST, minute: 18 * 60, energyWh: 4_000 },
      rise: { minute: 18 * 60, changeWh: 3_000 },
      fall: { minute: 19 * 60, changeWh: -1_500 },
      energyWh: 28_500,
      loadFactorPerMille: Math.round(1000 * (28_500 / 24 / 4_000)),
    });
  });

  it('days, weeks and seasons share out the energy between them, and the highest peak of each is that of the whole', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 200 }), (seed, days) => {
        const { whole, ...trend } = demandTrend(madeDemand(days, 60, seed));
        for (const spans of [trend.days, trend.weeks, trend.seasons]) {
          expect(spans.reduce((sum, { energyWh }) => sum + energyWh, 0)).toBe(whole!.energyWh);
          expect(Math.max(...spans.map(({ peak }) => peak.energyWh))).toBe(whole!.peak.energyWh);
          for (const { loadFactorPerMille } of spans) expect(loadFactorPerMille! > 0 && loadFactorPerMille! <= 1000).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('load factor and growth do not depend on the size of the area; peaks and ramps are in proportion to it', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 1_000 }), (seed, factor) => {
        const series = madeDemand(60, 60, seed);
        const [one, other] = [demandTrend(series), demandTrend(withValues(series, (energyWh) => energyWh * factor))];
        expect(other.growth).toEqual(one.growth);
        expect(other.whole!.loadFactorPerMille).toBe(one.whole!.loadFactorPerMille);
        expect(other.whole!.peak.energyWh).toBe(one.whole!.peak.energyWh * factor);
        expect(other.whole!.rise!.changeWh).toBe(one.whole!.rise!.changeWh * factor);
        expect(other.whole!.fall!.changeWh).toBe(one.whole!.fall!.changeWh * factor);
      }),
      { numRuns: 20 },
    );
  });

  it('weeks begin on Monday, seasons with March, June, September and December', () => {
    const { weeks, seasons } = demandTrend(madeDemand(366, 60));
    expect(weeks.map(({ from }) => (from - FIRST) % 7)).toEqual(weeks.map(() => 0));
    const begins = [dayNumber(2024, 1, 1), dayNumber(2024, 3, 1), dayNumber(2024, 6, 1), dayNumber(2024, 9, 1), dayNumber(2024, 12, 1)];
    expect(seasons.map(({ from }) => from)).toEqual(begins);
  });

  it('growth is year on year as soon as four weeks have a year before them, else against the weeks before', () => {
    const growing = (days: number, perDay: number) =>
      withValues(madeDemand(days, 60), (_energy, day) => Math.round(100_000 * (1 + perDay * (day - FIRST))));
    const year = demandTrend(withValues(madeDemand(364 + 40, 60), (_energy, day) => (day - FIRST >= 364 ? 110_000 : 100_000))).growth;
    expect(year).toEqual({ against: 'year', days: 40, perMille: 100 });
    expect(demandTrend(growing(364 + 27, 0.001)).growth).toMatchObject({ against: 'recent', days: 28 });
    expect(demandTrend(withValues(madeDemand(56, 60), (_energy, day) => (day - FIRST >= 28 ? 90_000 : 100_000))).growth).toEqual({
      against: 'recent',
      days: 28,
      perMille: -100,
    });
    expect(demandTrend(madeDemand(13, 60)).growth).toBeUndefined();
  });

  it('a day with missing slots grows nothing, and a ramp is between neighbours alone', () => {
    const series = withValues(madeDemand(56, 60), (_energy, day, slot) =>
      day === FIRST + 50 && slot > 3 && slot < 9 ? Number.NaN : 50_000 + (slot >= 9 ? 9_000 : 0),
    );
    expect(demandTrend(series).growth!.days).toBe(27);
    expect(spanTrend(series, FIRST + 50, FIRST + 51)).toMatchObject({ knownSlots: 19, rise: undefined, fall: undefined });
    expect(spanTrend(series, FIRST + 60, FIRST + 61)).toBeUndefined();
  });
});
