import { makeChannelDay, NO_REGISTER, resetChannelDay } from '../domain/vee/channel-day.ts';
import { VEE_POLICIES } from '../domain/vee/policy.ts';
import { validate } from '../domain/vee/validate.ts';
import { NO_COUNTS, SLOT_SOURCES } from '../events/index.ts';
import { dayOf, HALF_HOURS, type Home } from './homes.ts';
import type { Result } from './measure.ts';

const POLICY = VEE_POLICIES.residential;
const MEASURED = SLOT_SOURCES.indexOf('measured');
const ASSET = { direction: 'import', unit: 'Wh', scale: 1, dials: 8, multiplier: 1 } as const;
const CAPACITY = 13_200;

/**
 * Complete months of homes with a register known at each midnight only: how many bills a clean month would have held. Without any register
 * beside it: what the same rules hold when nothing proves a reading.
 */
export function heldMonths(homes: readonly Home[]): Result[] {
  const { months, held } = count(homes, true);
  if (months === 0) throw new TypeError('no home has a complete month');
  const share = (100 * held) / months;
  const unit = `% of ${months}`;
  return [
    { name: 'held home-months, clean, register at midnight', value: share, unit, goal: '< 1', holds: share < 1 },
    { name: 'held home-months, clean, no register', value: (100 * count(homes, false).held) / months, unit },
  ];
}

function count(homes: readonly Home[], registers: boolean): { months: number; held: number } {
  let months = 0;
  let held = 0;
  for (const home of homes) {
    for (const days of monthsOf(home)) {
      if (days.some((date) => dayOf(home, date).includes(NO_COUNTS))) continue;
      months++;
      if (days.some((date) => isHeld(home, date, registers))) held++;
    }
  }
  return { months, held };
}

const day = makeChannelDay(HALF_HOURS);

/** Whether a reading of the day is none that a bill can stand on as it came. */
function isHeld(home: Home, date: number, registers: boolean): boolean {
  const truth = dayOf(home, date);
  const start = home.start + date * 86_400;
  const registerBefore = registers ? 0 : NO_REGISTER;
  resetChannelDay(day, { start, end: start + 86_400, minutes: 30, asset: ASSET, capacity: CAPACITY, registerBefore });
  day.counts.set(truth);
  day.sources.fill(MEASURED, 0, HALF_HOURS);
  if (registers) day.registers[HALF_HOURS - 1] = truth.reduce((sum, value) => sum + value, 0);
  validate(day, POLICY);
  return day.sources.subarray(0, HALF_HOURS).some((source) => source !== MEASURED);
}

/** Days of each calendar month the series covers whole. */
function monthsOf({ start, counts }: Home): number[][] {
  const months = new Map<string, number[]>();
  for (let date = 0; (date + 1) * HALF_HOURS <= counts.length; date++) {
    const month = new Date((start + date * 86_400) * 1000).toISOString().slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), date]);
  }
  return [...months.values()].filter((days) => days.length >= 28);
}
