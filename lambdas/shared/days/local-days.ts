import { Temporal } from 'temporal-polyfill';
import { dayNumber } from '../../../domain/tariff/dates.ts';

/**
 * Local days of a usage point's zone. A day runs from its first instant to the first instant of the next, which is not
 * 00:00 where the clock is changed at midnight; it has as many slots as fit in between.
 */
export interface LocalDay {
  /** `yyyy-mm-dd`. */
  readonly day: string;
  /** UTC s. */
  readonly start: number;
  readonly end: number;
}

/** Answers are kept: a run asks the same of half a thousand meters. */
class Remembered<Value> {
  readonly #known = new Map<string, Value>();

  get(key: string, make: () => Value): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (this.#known.size >= 4_096) this.#known.clear();
    this.#known.set(key, made);
    return made;
  }
}

const days = new Remembered<LocalDay>();
const finals = new Remembered<number>();
const shifted = new Remembered<string>();

/** @param day `yyyy-mm-dd` @param zone IANA name @throws RangeError for a zone or a date that does not exist */
export function localDay(day: string, zone: string): LocalDay {
  return days.get(`${day}${zone}`, () => {
    const date = Temporal.PlainDate.from(day);
    return { day: date.toString(), start: firstInstant(date, zone), end: firstInstant(date.add({ days: 1 }), zone) };
  });
}

/** The local day in which an instant lies. @param at UTC s; a midnight belongs to the day that it begins */
export function localDayAt(at: number, zone: string): LocalDay {
  const last = lastAsked.get(zone);
  if (last !== undefined && last.start <= at && at < last.end) return last;
  const day = localDay(dateAt(at, zone), zone);
  lastAsked.set(zone, day);
  return day;
}

/** By zone: the next instant that is asked for mostly lies in the same day. */
const lastAsked = new Map<string, LocalDay>();

/** The local day of the slot that ends at `end`: a slot that ends at midnight belongs to the day before. @param end UTC s */
export function localDayOfSlot(end: number, zone: string): LocalDay {
  return localDayAt(end - 1, zone);
}

/** @param days may be negative */
export function plusDays(day: string, days: number): string {
  return shifted.get(`${day}${days}`, () => Temporal.PlainDate.from(day).add({ days }).toString());
}

/** Slots of a part of a day. @throws RangeError where the bounds do not lie on the grid of the interval */
export function slotCount(start: number, end: number, minutes: number): number {
  const slots = (end - start) / (minutes * 60);
  if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`${end - start} s are not whole slots of ${minutes} min`);
  return slots;
}

/** Wall clock of the zone on a date, UTC ms; where the clock jumps over it, the first instant after. */
export function localTime(day: string, time: string, zone: string): number {
  return Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds;
}

/** 07:00 on the day after: the day is provisional from then on. UTC ms. */
export function provisionalAt(day: string, zone: string): number {
  return localTime(plusDays(day, 1), '07:00', zone);
}

/** 07:00 on D+5: the day is final from then on, with its flags. UTC ms. */
export function finalAt(day: string, zone: string): number {
  return finals.get(`${day}${zone}`, () => localTime(plusDays(day, 5), '07:00', zone));
}

/** The latest day that is due for closing at `now` (UTC ms): its D+1 07:00 has come. */
export function latestDueDay(now: number, zone: string): string {
  const { day } = localDayAt(Math.floor(now / 1000), zone);
  const yesterday = plusDays(day, -1);
  return now >= provisionalAt(yesterday, zone) ? yesterday : plusDays(day, -2);
}

/** ISO weekday, 1 = Monday. */
export function weekdayOf(day: string): number {
  return Temporal.PlainDate.from(day).dayOfWeek;
}

/** Days from the one date to the other. @throws ERR_DATE_INVALID */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from);
}

/** Name of the stream of a day or of a later part of it. */
export function meterDayStream(meterId: string, day: string, part: number): string {
  return `meterday/${meterId}/${dayName(day, part)}`;
}

/** A day, or a later part of it, as streams and paths name it. */
export function dayName(day: string, part: number): string {
  return part === 1 ? day : `${day}.${part}`;
}

function dateAt(at: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at * 1000)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString();
}

function firstInstant(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime(zone).epochMilliseconds / 1000;
}
