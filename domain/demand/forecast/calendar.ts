import { type HolidayClass, type HolidayRule, holidaysOf, weekdayOf, yearOf } from './holidays.ts';

const DAYS_OF_YEAR = 365.2425;

/** What the calendar says of a day. */
export interface CalendarDay {
  /** 1 = Monday. */
  readonly weekday: number;
  readonly holiday: HolidayClass | undefined;
  /** Sine and cosine of one, two and three turns a year. */
  readonly season: readonly number[];
}

/** Answers by day, kept: each is asked for by all slots. */
export class Calendar {
  readonly #rules: readonly HolidayRule[];
  readonly #years = new Map<number, ReadonlyMap<number, HolidayClass>>();
  readonly #days = new Map<number, CalendarDay>();

  constructor(rules: readonly HolidayRule[]) {
    this.#rules = rules;
  }

  day(day: number): CalendarDay {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const turn = (2 * Math.PI * day) / DAYS_OF_YEAR;
    const season = [1, 2, 3].flatMap((times) => [Math.sin(times * turn), Math.cos(times * turn)]);
    const made = { weekday: weekdayOf(day), holiday: this.#holiday(day), season };
    this.#days.set(day, made);
    return made;
  }

  #holiday(day: number): HolidayClass | undefined {
    // New Year's Day on a Saturday is observed in the year before.
    const year = yearOf(day);
    return this.#year(year).get(day) ?? this.#year(year + 1).get(day);
  }

  #year(year: number): ReadonlyMap<number, HolidayClass> {
    let days = this.#years.get(year);
    if (days === undefined) {
      days = holidaysOf(year, this.#rules);
      this.#years.set(year, days);
    }
    return days;
  }
}
