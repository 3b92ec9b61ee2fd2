import { NO_COUNTS, SLOT_SOURCES } from '../../events/index.ts';
import { weekdayOf } from '../tariff/dates.ts';
import type { RatedChannel, RatedDay } from './billing-input.ts';
import { type FlowSlot, flowOf, sumOf } from './flows.ts';
import { isBillable } from './stopgap.ts';
import { IMPORT_WH } from './stretch.ts';

/** Days that say what is usual, and how far the sum of the days to come may be from it. */
export interface UsualDays {
  /** The frame of a day filled with its usual values, all of them times `factor`. */
  readonly fill: (frame: RatedDay, factor: number) => RatedDay;
  /** Half of the range of the energy of these days together, as a part of it; undefined where too little is known to say. */
  readonly spread: (frames: readonly RatedDay[]) => number | undefined;
}

/** Standard deviations within which eight of ten sums lie. */
const EIGHT_OF_TEN = 1.28;
/** Fewer days say nothing of a week. */
const LEAST_DAYS = 7;
/** What the deviations have to be taken from at least: a second week. */
const LEAST_DEVIATIONS = 7;
const MEASURED = SLOT_SOURCES.indexOf('measured');

const MINUTES_OF_DAY = 1_440;

/** Energy and minutes of a register, summed by weekday and local minute: weekday 1 to 7 as dates count them, 0 = of all days. */
interface Sums {
  readonly energy: Float64Array;
  readonly minutes: Float64Array;
  energyOfAll: number;
  minutesOfAll: number;
}

/**
 * What a home usually takes, by weekday and local time: the mean of the days that are known, at least a week of them. Where a weekday is
 * not among them, or a local time (a clock was put forward), the mean of all days stands in.
 * @param recorded rated days; slots without a billable value don't count @returns undefined for less than a week
 */
export function usualDays(recorded: readonly RatedDay[]): UsualDays | undefined {
  const days = recorded.filter(({ revision }) => revision > 0);
  if (new Set(days.map(({ day }) => day)).size < LEAST_DAYS) return undefined;
  const registers = sumsOf(days);
  const made = new Map<number, Map<RatedDay, RatedDay>>();
  const fill = (frame: RatedDay, factor: number): RatedDay => {
    const before = made.get(factor) ?? new Map<RatedDay, RatedDay>();
    made.set(factor, before);
    const day = before.get(frame) ?? {
      ...frame,
      revision: 1,
      channels: frame.channels.map((channel) => filled(frame, channel, registers, factor)),
    };
    before.set(frame, day);
    return day;
  };
  return { fill, spread: (frames) => spreadOf(days, frames, fill) };
}

function sumsOf(days: readonly RatedDay[]): ReadonlyMap<string, Sums> {
  const registers = new Map<string, Sums>();
  for (const day of days) {
    const weekday = weekdayOf(day.day);
    for (const { obis, direction, unit } of day.channels) {
      const own = registers.get(obis) ?? noSums();
      registers.set(obis, own);
      const flow = flowOf([day], { direction, unit, obis });
      for (const slot of flow.flatMap(({ slots }) => slots)) if (isBillable(slot)) add(own, weekday, slot);
    }
  }
  return registers;
}

function noSums(): Sums {
  const cells = 8 * MINUTES_OF_DAY;
  return { energy: new Float64Array(cells), minutes: new Float64Array(cells), energyOfAll: 0, minutesOfAll: 0 };
}

function add(sums: Sums, weekday: number, { localMinute, minutes, value }: FlowSlot): void {
  const energy = Number(value);
  const cell = weekday * MINUTES_OF_DAY + localMinute;
  sums.energy[cell]! += energy;
  sums.minutes[cell]! += minutes;
  sums.energy[localMinute]! += energy;
  sums.minutes[localMinute]! += minutes;
  sums.energyOfAll += energy;
  sums.minutesOfAll += minutes;
}

/** Energy of a minute, from what is most like it; undefined where nothing is known of the register. */
function usualOf({ energy, minutes, energyOfAll, minutesOfAll }: Sums, weekday: number, localMinute: number): number | undefined {
  const cell = weekday * MINUTES_OF_DAY + localMinute;
  if (minutes[cell]! > 0) return energy[cell]! / minutes[cell]!;
  if (minutes[localMinute]! > 0) return energy[localMinute]! / minutes[localMinute]!;
  return minutesOfAll > 0 ? energyOfAll / minutesOfAll : undefined;
}

/** Whole units, and what is rounded away goes to the next slot: the day's sum stays what it is. */
function filled(
  { day, minutes, localMinutes }: RatedDay,
  { obis, direction, unit }: RatedChannel,
  registers: ReadonlyMap<string, Sums>,
  factor: number,
): RatedChannel {
  let left = 0;
  const weekday = weekdayOf(day);
  const known = registers.get(obis);
  const counts = Uint32Array.from(localMinutes, (localMinute) => {
    const usual = known && usualOf(known, weekday, localMinute);
    if (usual === undefined) return NO_COUNTS;
    const exact = usual * minutes * factor + left;
    const whole = Math.max(0, Math.round(exact));
    left = exact - whole;
    return whole;
  });
  return { obis, direction, unit, perCount: 1, counts, sources: new Uint8Array(counts.length).fill(MEASURED) };
}

/**
 * Deviations of days from the mean of their weekday, pooled over the weekdays. The days to come deviate each by itself, and all of a
 * weekday together by what the mean of a few may be wrong.
 */
function spreadOf(days: readonly RatedDay[], frames: readonly RatedDay[], fill: UsualDays['fill']): number | undefined {
  const groups = [...Map.groupBy(sums(days), ([day]) => weekdayOf(day))].map(([weekday, of]) => ({
    weekday,
    values: of.map(([, wh]) => wh),
  }));
  const deviations = groups.reduce((sum, { values }) => sum + values.length - 1, 0);
  if (deviations < LEAST_DEVIATIONS) return undefined;
  const squares = groups.flatMap(({ values }) => values.map((value) => (value - meanOf(values)) ** 2)).reduce((sum, one) => sum + one, 0);
  const ahead = Map.groupBy(new Set(frames.map(({ day }) => day)), weekdayOf);
  let variance = 0;
  for (const [weekday, dates] of ahead) {
    const seen = groups.find((group) => group.weekday === weekday)?.values.length ?? 1;
    variance += (squares / deviations) * (dates.length + dates.length ** 2 / seen);
  }
  const expected = sums(frames.map((frame) => fill(frame, 1))).reduce((sum, [, wh]) => sum + wh, 0);
  return expected === 0 ? undefined : (EIGHT_OF_TEN * Math.sqrt(variance)) / expected;
}

/** Energy taken, by date. */
function sums(days: readonly RatedDay[]): readonly (readonly [day: string, wh: number])[] {
  return [...Map.groupBy(days, ({ day }) => day)].map(([day, parts]) => [day, Number(sumOf(flowOf(parts, IMPORT_WH)))] as const);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
