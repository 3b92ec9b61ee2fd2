import type { Calendar } from './calendar.ts';
import type { KnownDemand } from './known.ts';

const DAYS = 28;
/** A day counts half as much as one five days after it, and the level of the last day twice as much as that of the day before. */
const SHAPE_HALF_LIFE = 5;
const LEVEL_HALF_LIFE = 1;
/** What a day of another kind counts: Saturdays and Sundays are nearer to each other than to working days. */
const OTHER = 0.05;
const NEAR = 0.22;
/** Of the scale: shapes of days whose net demand is nearer to nothing can't be stretched, only lifted. */
const LEAST_LEVEL = 0.05;

type Kind = 'working' | 'saturday' | 'sunday';

/**
 * What a day of its kind looks like lately, lifted to the level of the last days; by slot, in units of the scale. A working day's shape is that of the
 * working days before it, and the newer counts more. Not a number where nothing is known.
 */
export function usualDay(known: KnownDemand, day: number, calendar: Calendar, scaleWh: number): (slot: number) => number {
  const levels = Array.from({ length: DAYS }, (_, turns) => levelOf(known, turns) / scaleWh);
  const level = weightedMean(levels, (turns) => 0.5 ** (turns / LEVEL_HALF_LIFE));
  const kind = kindOf(calendar, day);
  const weightsFor = (freshest: number) =>
    levels.map((_, turns) => 0.5 ** (turns / SHAPE_HALF_LIFE) * likeness(kind, kindOf(calendar, day - freshest - turns)));
  const weights = { 1: weightsFor(1), 2: weightsFor(2) } as const;
  return (slot) => {
    const ofTurn = weights[known.freshest(slot)];
    const values = levels.map((one, turns) => (Number.isNaN(one) ? Number.NaN : known.backBy(slot, turns) / scaleWh));
    const value = weightedMean(values, (turns) => ofTurn[turns]!);
    const mean = weightedMean(
      levels.map((one, turns) => (Number.isNaN(values[turns]!) ? Number.NaN : one)),
      (turns) => ofTurn[turns]!,
    );
    return mean > LEAST_LEVEL && level > LEAST_LEVEL ? (value * level) / mean : value + level - mean;
  };
}

/** Mean of the 24 hours that end so many days before the moment of the forecast, Wh per slot. */
function levelOf(known: KnownDemand, turns: number): number {
  let sum = 0;
  let count = 0;
  for (let k = 0; k < known.slots; k++) {
    const value = known.recent(k, turns);
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

function kindOf(calendar: Calendar, day: number): Kind {
  const { weekday, holiday } = calendar.day(day);
  if (weekday === 7 || holiday === 'public' || holiday === 'quiet') return 'sunday';
  return weekday === 6 ? 'saturday' : 'working';
}

function likeness(one: Kind, other: Kind): number {
  if (one === other) return 1;
  return one !== 'working' && other !== 'working' ? NEAR : OTHER;
}

function weightedMean(values: readonly number[], weight: (i: number) => number): number {
  let sum = 0;
  let all = 0;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    sum += weight(i) * value;
    all += weight(i);
  }
  return sum / all;
}
