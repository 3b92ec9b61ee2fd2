import { randomFrom } from '../../bench/random.ts';
import { dayNumber } from '../../domain/demand/forecast/holidays.ts';
import { type DemandDay, type DemandSeries, demandSeries, slotsOfDay } from '../../domain/demand/forecast/series.ts';

/** A Monday. */
export const FIRST: number = dayNumber(2024, 1, 1);
export const LONDON = 'Europe/London';

/** An area's made demand: a shape of the day, a quieter weekend, weather that lasts, and noise; all of it from a seed. */
export function madeDemand(days: number, intervalMinutes: number, seed = 1, { noise = 0.03, meanWh = 40_000 } = {}): DemandSeries {
  const random = randomFrom(seed);
  const slots = slotsOfDay(intervalMinutes);
  const clockMinutes = Array.from({ length: slots }, (_, slot) => slot * intervalMinutes);
  let weather = 0;
  const made: DemandDay[] = [];
  for (let i = 0; i < days; i++) {
    weather = 0.8 * weather + 0.1 * (random() - 0.5);
    const weekend = i % 7 >= 5 ? 0.85 : 1;
    const energyWh = clockMinutes.map((minute) => {
      const shape = 1 + 0.3 * Math.sin(((minute - 540) / 1440) * 2 * Math.PI);
      return Math.round(meanWh * weekend * shape * (1 + weather + noise * (random() - 0.5)));
    });
    made.push({ day: FIRST + i, clockMinutes, energyWh });
  }
  return demandSeries(intervalMinutes, made);
}

/** The same with other values. */
export function withValues(series: DemandSeries, change: (energyWh: number, day: number, slot: number) => number): DemandSeries {
  const slots = slotsOfDay(series.intervalMinutes);
  const energyWh = series.energyWh.map((value, at) => change(value, series.firstDay + Math.floor(at / slots), at % slots));
  return { ...series, energyWh };
}
