import type { LocalTime } from './calendar.ts';
import { unit } from './random.ts';

const BINS = 96;
const HEAT_TO_C = 17;
const HEAT_PUMP_FACTOR = 2.8;

/** Who lives in a home and with what. */
export interface Household {
  readonly seed: number;
  readonly occupants: number;
  /** Fridge, standby, router: W, day and night. */
  readonly baseW: number;
  /** Mean power of everything people do, W. */
  readonly activeW: number;
  /** Heat pump: W of heat lost per degree; 0 = heated otherwise. */
  readonly heatLossWPerC: number;
  /** Peak power of the modules on the roof, W; 0 = none. */
  readonly solarW: number;
  /** Share of the mean activity per quarter of an hour of the day: Monday to Friday, and weekend. Mean 1. */
  readonly weekday: Float64Array;
  readonly weekend: Float64Array;
}

/** @param index which home of the town; the same seed and index give the same household */
export function household(seed: number, index: number): Household {
  const draw = (what: number): number => unit(seed, index, what, 21);
  const occupants = sized(draw(1));
  return {
    seed: Math.floor(draw(0) * 0x1_0000_0000),
    occupants,
    baseW: (40 + 22 * occupants) * (0.7 + 0.6 * draw(2)),
    activeW: (40 + 52 * occupants) * (0.7 + 0.7 * draw(3)),
    heatLossWPerC: draw(4) < 0.12 ? 60 + 25 * occupants * (0.6 + 0.8 * draw(5)) : 0,
    solarW: draw(6) < 0.15 ? 3_000 + 5_000 * draw(7) : 0,
    ...habits(draw),
  };
}

function sized(share: number): number {
  const limits = [0.34, 0.68, 0.84, 0.95];
  const size = limits.findIndex((limit) => share < limit);
  return size < 0 ? 5 : size + 1;
}

function habits(draw: (what: number) => number): Pick<Household, 'weekday' | 'weekend'> {
  const home = draw(8) < 0.3 ? 0.9 : 0.25;
  const morning = 7 + 1.4 * (draw(9) - 0.5);
  const evening = 18.8 + 2.2 * (draw(10) - 0.5);
  return {
    weekday: shape([
      [morning, 0.9, 1.1],
      [12.8, 2.6, home],
      [evening, 1.9, 2.2],
      [21.5, 1.3, 0.8],
    ]),
    weekend: shape([
      [morning + 2.2, 1.4, 1.1],
      [13.2, 2.6, 1.1],
      [evening - 0.2, 2.1, 1.9],
      [22, 1.4, 0.8],
    ]),
  };
}

/** Bumps (hour, width in hours, height) on a small floor, round the clock, scaled to a mean of 1. */
function shape(bumps: readonly (readonly [number, number, number])[]): Float64Array {
  const out = new Float64Array(BINS).fill(0.08);
  for (const [centre, width, height] of bumps) {
    for (let bin = 0; bin < BINS; bin++) {
      const apart = Math.abs((bin * 24) / BINS - centre);
      const hours = Math.min(apart, 24 - apart);
      out[bin]! += height * Math.exp(-0.5 * (hours / width) ** 2);
    }
  }
  const mean = out.reduce((sum, value) => sum + value, 0) / BINS;
  return out.map((value) => value / mean);
}

/** Mean power drawn in the interval around `at`, W, before the roof. @param temperatureC outdoors */
export function demandW(home: Household, at: LocalTime, slot: number, temperatureC: number): number {
  const fridge = home.baseW * (0.85 + 0.3 * unit(home.seed, slot, 1));
  const heat = (home.heatLossWPerC * Math.max(0, HEAT_TO_C - temperatureC)) / HEAT_PUMP_FACTOR;
  const setback = at.hour < 5.5 || at.hour >= 23 ? 0.7 : 1.05;
  const away = unit(home.seed, Math.floor((at.day + home.seed) / 7), 2) < 0.04;
  return fridge + heat * setback * (0.8 + 0.4 * unit(home.seed, slot, 3)) + (away ? 0 : activityW(home, at, slot));
}

function activityW(home: Household, at: LocalTime, slot: number): number {
  const habit = at.weekday >= 6 ? home.weekend : home.weekday;
  const season = 1 + 0.22 * Math.cos((2 * Math.PI * (at.dayOfYear - 15)) / 365.25);
  const day = (at.weekday >= 6 ? 1.12 : 1) * (0.7 + 0.6 * unit(home.seed, at.day, 4));
  // kettles and ovens: mostly little, now and then a lot
  const burst = 0.35 - 0.65 * Math.log(1 - 0.9999 * unit(home.seed, slot, 5));
  return home.activeW * habit[Math.floor((at.hour * BINS) / 24)]! * season * day * burst;
}
