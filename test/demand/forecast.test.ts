import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURE_GROUPS } from '../../domain/demand/forecast/feature-groups.ts';
import { forecastDay, outsideBand, type SlotForecast } from '../../domain/demand/forecast/forecast.ts';
import { dayNumber, holidayRules, holidaysOf } from '../../domain/demand/forecast/holidays.ts';
import { type DemandModel, fitModel } from '../../domain/demand/forecast/model.ts';
import { modelOf, numbersOf, outlineOf } from '../../domain/demand/forecast/model-record.ts';
import { type DemandSeries, energyAt, INTERVALS, slotsOfDay } from '../../domain/demand/forecast/series.ts';
import { FIRST, LONDON, madeDemand, withValues } from './series.ts';

const DAYS = 40;
const TODAY = FIRST + DAYS;
const seeds = fc.integer({ min: 1, max: 1_000_000 });
/** Each run fits models. */
const runs = (numRuns: number) => ({ numRuns });

function fitted(series: DemandSeries, until = TODAY, knownMinutes = 1440): DemandModel {
  return fitModel(series, { zone: LONDON, knownSlots: knownMinutes / series.intervalMinutes, until })!;
}

const values = (slots: readonly (SlotForecast | undefined)[]) => slots.map((slot) => slot!.energyWh);
const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);

describe('the forecast of a day', { timeout: 120_000 }, () => {
  it.each(INTERVALS)('has every slot of a day of %i-minute intervals, in integers, near what comes', (minutes) => {
    const off = [1, 2, 3, 4].flatMap((seed) => {
      const series = madeDemand(DAYS + 1, minutes, seed);
      const slots = forecastDay(fitted(series), series, TODAY);
      expect(slots).toHaveLength(slotsOfDay(minutes));
      expect(values(slots).every(Number.isSafeInteger)).toBe(true);
      return values(slots).map((value, slot) => Math.abs(value / energyAt(series, TODAY, slot) - 1));
    });
    expect(sum(off) / off.length).toBeLessThan(0.08);
  });

  it('is the sum of what the groups of features contribute, in integers', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(30, 60), (seed, minutes) => {
        const series = madeDemand(DAYS, minutes, seed);
        for (const slot of forecastDay(fitted(series), series, TODAY)) {
          expect(Object.keys(slot!.contributionsWh).sort()).toEqual([...FEATURE_GROUPS].sort());
          expect(sum(Object.values(slot!.contributionsWh))).toBe(slot!.energyWh);
          expect(Object.values(slot!.contributionsWh).every(Number.isSafeInteger)).toBe(true);
        }
      }),
      runs(8),
    );
  });

  it('scales with demand', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 50 }), (seed, factor) => {
        const series = madeDemand(DAYS, 60, seed);
        const larger = withValues(series, (energyWh) => energyWh * factor);
        const [one, other] = [series, larger].map((demand) => forecastDay(fitted(demand), demand, TODAY)) as [
          SlotForecast[],
          SlotForecast[],
        ];
        for (const [slot, { energyWh, lowerWh, upperWh }] of one.entries()) {
          const scaled = other[slot]!;
          for (const [small, big] of [
            [energyWh, scaled.energyWh],
            [lowerWh, scaled.lowerWh],
            [upperWh, scaled.upperWh],
          ] as const)
            expect(Math.abs(big! - small! * factor)).toBeLessThanOrEqual(2 * factor + Math.abs(big!) * 1e-4);
        }
      }),
      runs(8),
    );
  });

  it('lies inside its band, whatever came before, and where demand may be negative', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 0.8, noNaN: true }), fc.integer({ min: 0, max: 60_000 }), (seed, noise, solarWh) => {
        const made = madeDemand(DAYS, 60, seed, { noise });
        const series = withValues(made, (energyWh, _day, slot) => (slot >= 10 && slot < 15 ? energyWh - solarWh : energyWh));
        for (const slot of forecastDay(fitted(series), series, TODAY)) {
          expect(slot!.lowerWh).toBeLessThanOrEqual(slot!.energyWh);
          expect(slot!.upperWh).toBeGreaterThanOrEqual(slot!.energyWh);
          expect(outsideBand(slot!.energyWh, slot!)).toBe(false);
        }
      }),
      runs(8),
    );
  });

  it.each([1440, 600])('with %i minutes of the day before known, uses nothing of what came later', (knownMinutes) => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 1_000_000 }), (seed, otherWh) => {
        const series = madeDemand(DAYS + 3, 60, seed);
        const day = knownMinutes === 1440 ? TODAY : TODAY + 1;
        const known = (at: number, slot: number) => at < day - 1 || (at === day - 1 && slot * 60 < knownMinutes);
        const changed = withValues(series, (energyWh, at, slot) => (known(at, slot) ? energyWh : otherWh));
        const model = fitted(series, TODAY, knownMinutes);
        expect(forecastDay(fitted(changed, TODAY, knownMinutes), changed, day)).toEqual(forecastDay(model, series, day));
        const last = withValues(series, (energyWh, at, slot) =>
          at === day - 1 && slot * 60 === knownMinutes - 60 ? energyWh + 9_000 : energyWh,
        );
        expect(forecastDay(model, last, day)).not.toEqual(forecastDay(model, series, day));
      }),
      runs(6),
    );
  });

  it('is refused to a model that learned from what came after the issue', () => {
    const series = madeDemand(DAYS + 2, 60);
    expect(() => forecastDay(fitted(series), series, TODAY - 1)).toThrow(/knows more/);
    expect(() => forecastDay(fitted(series, TODAY, 600), series, TODAY)).toThrow(/knows more/);
  });

  it('tolerates missing slots and days, in what it learns from and in the day before', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.05, max: 0.4, noNaN: true }), fc.integer({ min: 20, max: 36 }), (seed, share, lost) => {
        const series = madeDemand(DAYS, 60, seed);
        let state = seed;
        const gappy = withValues(series, (energyWh, day) => {
          state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
          return day === FIRST + lost || day === FIRST + lost + 1 || state / 2_147_483_648 < share ? Number.NaN : energyWh;
        });
        const [gaps, whole] = [gappy, series].map((demand) => values(forecastDay(fitted(demand), demand, TODAY))) as [number[], number[]];
        const off = gaps.map((value, slot) => Math.abs(value / whole[slot]! - 1));
        expect(sum(off) / off.length).toBeLessThan(0.15);
      }),
      runs(8),
    );
  });

  it('says nothing of a time of the day that was never seen, and learns from no fewer than 6 days', () => {
    const series = withValues(madeDemand(DAYS, 60), (energyWh, _day, slot) => (slot === 3 ? Number.NaN : energyWh));
    const slots = forecastDay(fitted(series), series, TODAY);
    expect(slots[3]).toBeUndefined();
    expect(fitModel(madeDemand(5, 60), { zone: LONDON, knownSlots: 24, until: FIRST + 5 })).toBeUndefined();
    expect(fitModel(madeDemand(6, 60), { zone: LONDON, knownSlots: 24, until: FIRST + 6 })).toBeDefined();
  });

  it.each([
    [24, 0.25],
    [10, 0.3],
  ])('of a week alone, %i hours of its last day known, has every slot near what comes, and no band yet', (knownSlots, bound) => {
    const off: number[] = [];
    for (let seed = 1; seed <= 6; seed++) {
      const series = madeDemand(8, 60, seed);
      const model = fitModel(series, { zone: LONDON, knownSlots, until: FIRST + (knownSlots === 24 ? 7 : 6) })!;
      for (const [slot, forecast] of forecastDay(model, series, FIRST + 7).entries()) {
        const { energyWh, lowerWh, upperWh } = forecast!;
        expect([lowerWh, upperWh]).toEqual([null, null]);
        expect(outsideBand(energyWh * 1_000, forecast!)).toBe(false);
        off.push(Math.abs(energyWh / energyAt(series, FIRST + 7, slot) - 1));
      }
    }
    expect(off).toHaveLength(6 * 24);
    expect(sum(off) / off.length).toBeLessThan(bound);
  });

  it.each([24, 10])(
    'of a young area, %i hours of its last day known, has no band before day 18, and then one that is no wider than twice the demand',
    (knownSlots) => {
      const bands = (days: number, seed: number) => {
        const series = madeDemand(days + 1, 60, seed);
        const model = fitModel(series, { zone: LONDON, knownSlots, until: FIRST + days - (knownSlots === 24 ? 0 : 1) })!;
        return forecastDay(model, series, FIRST + days).map((slot) => slot!);
      };
      for (const seed of [1, 2, 3, 4]) {
        for (const days of [7, 10, 14, 17]) expect(bands(days, seed).map(({ upperWh }) => upperWh)).toEqual(Array(24).fill(null));
        for (const days of [19, 24]) {
          for (const { energyWh, lowerWh, upperWh } of bands(days, seed)) {
            expect(lowerWh! <= energyWh && energyWh <= upperWh! && lowerWh! < upperWh!).toBe(true);
            expect(upperWh! - lowerWh!).toBeLessThan(2 * energyWh);
          }
        }
      }
    },
  );

  it('has bands that hold about nine of ten outcomes, and no 30 % more', () => {
    let [inside, count, flagged] = [0, 0, 0];
    for (let seed = 1; seed <= 12; seed++) {
      const series = madeDemand(90 + 7, 60, seed);
      const model = fitted(series, FIRST + 90);
      for (let day = FIRST + 90; day < FIRST + 97; day++) {
        for (const [slot, forecast] of forecastDay(model, series, day).entries()) {
          count++;
          if (!outsideBand(energyAt(series, day, slot), forecast!)) inside++;
          if (outsideBand(Math.round(energyAt(series, day, slot) * 1.3), forecast!)) flagged++;
        }
      }
    }
    expect(inside / count).toBeGreaterThan(0.85);
    expect(inside / count).toBeLessThan(0.95);
    expect(flagged / count).toBeGreaterThan(0.95);
  });

  it('is the same from the record of its model, and follows the seasons once two years are known', () => {
    const short = madeDemand(DAYS, 60);
    const long = madeDemand(860, 60);
    const [plain, seasonal] = [fitted(short), fitted(long, FIRST + 860)];
    expect([plain.set, seasonal.set]).toEqual(['plain', 'seasonal']);
    expect(forecastDay(modelOf(outlineOf(plain), numbersOf(plain)), short, TODAY)).toEqual(forecastDay(plain, short, TODAY));
    expect(() => modelOf(outlineOf(plain), numbersOf(plain).subarray(4))).toThrow(/no model/);
    expect(forecastDay(modelOf(outlineOf(seasonal), numbersOf(seasonal)), long, FIRST + 860)).toEqual(
      forecastDay(seasonal, long, FIRST + 860),
    );
  });

  it('expects less of a holiday after it has seen some', () => {
    const boxingDay = dayNumber(2024, 12, 26);
    const holidays = holidaysOf(2024, holidayRules(LONDON));
    const series = withValues(madeDemand(boxingDay - FIRST, 60, 3), (energyWh, day) =>
      holidays.has(day) ? Math.round(energyWh * 0.6) : energyWh,
    );
    const model = fitted(series, boxingDay);
    const added = forecastDay(model, series, boxingDay).map((slot) => slot!.contributionsWh.holiday);
    expect(sum(added)).toBeLessThan(0);
  });
});
