import type { Calendar, CalendarDay } from './calendar.ts';
import type { ColumnSink, FeatureGroup } from './feature-groups.ts';
import type { HolidayClass } from './holidays.ts';
import { KnownDemand } from './known.ts';
import type { DemandSeries } from './series.ts';
import { usualDay } from './usual-day.ts';

/**
 * `seasonal` lets the answer to yesterday's demand change over the year: in winter more demand in the evening means cold, in summer heat.
 * That wants years to learn from; with less history `plain` has a column for each lag alone.
 */
export type FeatureSet = 'plain' | 'seasonal';

/** Rises with every change of the columns, their order, or what they correct: coefficients that were learned of others say nothing of these. */
export const COLUMNS_VERSION = 1;

/** Hours back from the moment of the forecast, as the means of which the last day is seen: the more recent, the finer. */
const STRETCHES: readonly (readonly [from: number, to: number])[] = [
  ...([0, 1, 2, 3] as const).map((hour) => [hour, hour + 1] as const),
  ...([4, 6, 8, 10] as const).map((hour) => [hour, hour + 2] as const),
  ...([12, 15, 18, 21] as const).map((hour) => [hour, hour + 3] as const),
];
const CLASSES: readonly HolidayClass[] = ['bridge', 'public', 'quiet'];

/** What all slots of a day have in common. */
interface DayView {
  readonly known: KnownDemand;
  readonly day: number;
  readonly today: CalendarDay;
  readonly scaleWh: number;
  readonly seasonal: boolean;
  /** In units of the scale: the last day by stretches, and how it changed from the day before. */
  readonly stretches: readonly number[];
  readonly changes: readonly number[];
  readonly mean: number;
  readonly meanBefore: number;
}

export interface FeatureSource {
  readonly series: DemandSeries;
  readonly calendar: Calendar;
  readonly set: FeatureSet;
  /** Wh per slot that counts as 1. */
  readonly scaleWh: number;
  /** Slots of the day before that are known. */
  readonly knownSlots: number;
}

/**
 * The columns of each slot of a day, in units of the scale, and the base that they correct: the mean of the last seven days at that time, or of
 * `plain` what days of this kind look like lately. Not numbers where 28 days have not a single value.
 */
export function featuresOf(source: FeatureSource, day: number): (slot: number, sink: ColumnSink) => number {
  const view = dayView(source, day);
  const usual = view.seasonal ? undefined : usualDay(view.known, day, source.calendar, source.scaleWh);
  return (slot, sink) => {
    const week = meanOfKnown(7, (i) => view.known.backBy(slot, i) / view.scaleWh);
    const lag = (days: number) => orElse(view.known.daysBack(slot, days) / view.scaleWh, week);
    const latest = view.known.backBy(slot, 0) / view.scaleWh;
    const before = view.known.backBy(slot, 1) / view.scaleWh;
    const fourWeeks = meanOf(4, (i) => lag(7 * (i + 1)));
    sink.add('usual-week', week);
    sink.add('usual-week', fourWeeks);
    for (const days of [6, 7, 8, 14]) sink.add('usual-week', lag(days));
    for (const value of [latest, before]) withSeason(view, 'same-time', value, sink);
    sink.add('same-time', view.known.backBy(slot, 2) / view.scaleWh);
    ofLastDay(view, sink);
    ofWeekday(view, latest, sink);
    ofHolidays(view, source.calendar, slot, sink);
    if (view.seasonal) {
      for (const value of view.today.season) sink.add('season', value);
      ofCurvature(view, latest, sink);
    }
    return usual === undefined ? week : usual(slot);
  };
}

function dayView({ series, calendar, set, scaleWh, knownSlots }: FeatureSource, day: number): DayView {
  const known = new KnownDemand(series, day, knownSlots);
  const perHour = known.slots / 24;
  const mean = (from: number, to: number, turns: number) =>
    meanOf((to - from) * perHour, (i) => known.recent(from * perHour + i, turns) / scaleWh);
  const stretches = STRETCHES.map(([from, to]) => mean(from, to, 0));
  return {
    known,
    day,
    today: calendar.day(day),
    scaleWh,
    seasonal: set === 'seasonal',
    stretches,
    changes: STRETCHES.map(([from, to], i) => stretches[i]! - mean(from, to, 1)),
    mean: mean(0, 24, 0),
    meanBefore: mean(0, 24, 1),
  };
}

/** The last day as a whole, by stretches, and what changed since the day before it. */
function ofLastDay(view: DayView, sink: ColumnSink): void {
  withSeason(view, 'last-day', view.mean, sink);
  withSeason(view, 'latest-change', view.mean - view.meanBefore, sink);
  for (const value of view.stretches) withSeason(view, 'last-day', value, sink);
  for (const value of view.changes) withSeason(view, 'latest-change', value, sink);
}

function ofWeekday(view: DayView, latest: number, sink: ColumnSink): void {
  const { weekday } = view.today;
  for (let day = 1; day <= 7; day++) sink.add('weekday', day === weekday ? 1 : 0);
  for (const is of [weekday >= 6, weekday === 7, weekday === 1]) {
    sink.add('weekday', is ? latest : 0);
    sink.add('weekday', is ? view.mean : 0);
    if (view.seasonal) for (const season of view.today.season.slice(0, 4)) sink.add('weekday', is ? season : 0);
  }
}

/** The day itself and the days it is compared with: after a holiday yesterday says too little. */
function ofHolidays({ today, day, known }: DayView, calendar: Calendar, slot: number, sink: ColumnSink): void {
  const latest = calendar.day(day - known.freshest(slot)).holiday;
  for (const one of CLASSES) {
    sink.add('holiday', today.holiday === one ? 1 : 0);
    sink.add('holiday', latest === one ? 1 : 0);
  }
  const weekAgo = calendar.day(day - 7).holiday;
  sink.add('holiday', weekAgo === 'public' || weekAgo === 'quiet' ? 1 : 0);
}

/** Demand answers to heat and cold more than in proportion: products of what the last day was like. */
function ofCurvature({ mean, stretches, changes }: DayView, latest: number, sink: ColumnSink): void {
  const [now = 0, , , threeHours = 0, sixHours = 0, , , , halfDay = 0, , night = 0] = stretches;
  const states = [mean - 1, latest - mean, now - mean, changes[0]!, changes[6]!, sixHours - halfDay, threeHours - mean, halfDay - night];
  for (const [i, one] of states.entries()) for (const other of states.slice(0, i + 1)) sink.add('last-day', one * other);
}

function withSeason({ today, seasonal }: DayView, group: FeatureGroup, value: number, sink: ColumnSink): void {
  sink.add(group, value);
  if (seasonal) for (const season of today.season.slice(0, 4)) sink.add(group, value * season);
}

function orElse(value: number, other: number): number {
  return Number.isNaN(value) ? other : value;
}

function meanOf(count: number, value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value(i);
  return sum / count;
}

/** In the first week of an area, of as many days as there are. */
function meanOfKnown(most: number, value: (i: number) => number): number {
  const known = Array.from({ length: most }, (_, i) => value(i)).filter((one) => !Number.isNaN(one));
  return known.reduce((sum, one) => sum + one, 0) / known.length;
}
