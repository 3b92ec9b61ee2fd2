/**
 * Public holidays by the rules of the calendar, so that no list has to be kept. Days are counted from 1970-01-01.
 * A class says what the day does to demand: `quiet` is quieter than a Sunday, `public` is like one, `bridge` is a working day
 * that many take off.
 */
export type HolidayClass = 'quiet' | 'public' | 'bridge';

/** Weekdays: 1 = Monday to 7 = Sunday, as in ISO 8601. */
export type HolidayRule = { readonly as: HolidayClass } & (
  | {
      readonly on: 'date';
      readonly month: number;
      readonly day: number;
      /** What follows when it falls on a weekend: the nearest working day, the next one that is not a holiday itself, or nothing. */
      readonly observed: 'nearest' | 'next' | 'no';
    }
  /** `nth` of its month; -1 = the last. `plus` days after it. */
  | { readonly on: 'weekday'; readonly month: number; readonly weekday: number; readonly nth: 1 | 2 | 3 | 4 | -1; readonly plus?: number }
  | { readonly on: 'easter'; readonly plus: number }
);

const UNITED_STATES: readonly HolidayRule[] = [
  { on: 'date', month: 1, day: 1, observed: 'nearest', as: 'quiet' },
  { on: 'weekday', month: 1, weekday: 1, nth: 3, as: 'bridge' },
  { on: 'weekday', month: 2, weekday: 1, nth: 3, as: 'bridge' },
  { on: 'weekday', month: 5, weekday: 1, nth: -1, as: 'public' },
  { on: 'date', month: 7, day: 4, observed: 'nearest', as: 'public' },
  { on: 'weekday', month: 9, weekday: 1, nth: 1, as: 'public' },
  { on: 'weekday', month: 10, weekday: 1, nth: 2, as: 'bridge' },
  { on: 'date', month: 11, day: 11, observed: 'nearest', as: 'bridge' },
  { on: 'weekday', month: 11, weekday: 4, nth: 4, as: 'quiet' },
  { on: 'weekday', month: 11, weekday: 4, nth: 4, plus: 1, as: 'bridge' },
  { on: 'date', month: 12, day: 24, observed: 'no', as: 'bridge' },
  { on: 'date', month: 12, day: 25, observed: 'nearest', as: 'quiet' },
  { on: 'date', month: 12, day: 31, observed: 'no', as: 'bridge' },
];

const ENGLAND: readonly HolidayRule[] = [
  { on: 'date', month: 1, day: 1, observed: 'next', as: 'public' },
  { on: 'easter', plus: -2, as: 'public' },
  { on: 'easter', plus: 1, as: 'public' },
  { on: 'weekday', month: 5, weekday: 1, nth: 1, as: 'public' },
  { on: 'weekday', month: 5, weekday: 1, nth: -1, as: 'public' },
  { on: 'weekday', month: 8, weekday: 1, nth: -1, as: 'public' },
  { on: 'date', month: 12, day: 24, observed: 'no', as: 'bridge' },
  { on: 'date', month: 12, day: 25, observed: 'next', as: 'quiet' },
  { on: 'date', month: 12, day: 26, observed: 'next', as: 'public' },
  { on: 'date', month: 12, day: 31, observed: 'no', as: 'bridge' },
];

const RULES_OF_ZONE: Readonly<Record<string, readonly HolidayRule[]>> = {
  'America/New_York': UNITED_STATES,
  'Europe/London': ENGLAND,
};

/** Rules of an IANA zone; none where they are not known here. */
export function holidayRules(zone: string): readonly HolidayRule[] {
  return Object.hasOwn(RULES_OF_ZONE, zone) ? (RULES_OF_ZONE[zone] ?? []) : [];
}

const WEIGHT: Readonly<Record<HolidayClass, number>> = { bridge: 1, public: 2, quiet: 3 };

/** The holidays of a year by day; of two on one day the quieter counts. Rules are applied in order. */
export function holidaysOf(year: number, rules: readonly HolidayRule[]): ReadonlyMap<number, HolidayClass> {
  const days = new Map<number, HolidayClass>();
  const put = (day: number, as: HolidayClass): void => {
    const there = days.get(day);
    if (there === undefined || WEIGHT[as] > WEIGHT[there]) days.set(day, as);
  };
  for (const rule of rules) {
    const day = dayOf(year, rule);
    put(day, rule.as);
    if (rule.on === 'date' && rule.observed !== 'no') put(observedDay(day, rule.observed, days), rule.as === 'quiet' ? 'public' : rule.as);
  }
  return days;
}

/** 1 = Monday. @param day since 1970-01-01, a Thursday */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar. @param month 1 to 12 */
export function dayNumber(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

export function yearOf(day: number): number {
  return new Date(day * 86_400_000).getUTCFullYear();
}

function dayOf(year: number, rule: HolidayRule): number {
  if (rule.on === 'date') return dayNumber(year, rule.month, rule.day);
  if (rule.on === 'easter') return easter(year) + rule.plus;
  const plus = rule.plus ?? 0;
  if (rule.nth === -1) {
    const last = dayNumber(year, rule.month + 1, 0);
    return last - ((weekdayOf(last) - rule.weekday + 7) % 7) + plus;
  }
  const first = dayNumber(year, rule.month, 1);
  return first + ((rule.weekday - weekdayOf(first) + 7) % 7) + 7 * (rule.nth - 1) + plus;
}

function observedDay(day: number, how: 'nearest' | 'next', taken: ReadonlyMap<number, HolidayClass>): number {
  const weekday = weekdayOf(day);
  if (weekday < 6) return day;
  if (how === 'nearest') return weekday === 6 ? day - 1 : day + 1;
  let next = day;
  while (weekdayOf(next) >= 6 || (taken.has(next) && taken.get(next) !== 'bridge')) next++;
  return next;
}

/** Easter Sunday of the Gregorian calendar: the first Sunday after the ecclesiastical full moon. */
function easter(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const corrected = century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + corrected + 15) % 30;
  const late = epact === 29 || (epact === 28 && golden > 10) ? 1 : 0;
  const fullMoon = dayNumber(year, 3, 21) + epact - late;
  return fullMoon + (7 - (weekdayOf(fullMoon) % 7));
}
