/** Arithmetic of local dates, `2026-11-26`, which have no time in them, and where they begin. */

const DAY_MS = 86_400_000;

/** Local date of an instant. @param at UTC ms or ISO 8601 @param zone IANA name */
export function localDayOf(at: number | string, zone: string): string {
  const { year, month, day } = partsOf(new Date(at), zone);
  return `${year}-${month}-${day}`;
}

export function addDays(day: string, days: number): string {
  return new Date(msOf(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days from one local date to another; negative when the other was before. */
export function daysBetween(from: string, until: string): number {
  return Math.round((msOf(until) - msOf(from)) / DAY_MS);
}

/** First of a month so many months on. */
export function addMonths(day: string, months: number): string {
  const [year, month] = day.split('-').map(Number);
  return new Date(Date.UTC(year!, month! - 1 + months, 1)).toISOString().slice(0, 10);
}

/** A month, `2026-11`, so many months on. */
export function monthsOn(month: string, months: number): string {
  return addMonths(month, months).slice(0, 7);
}

/** Monday of its week. */
export function weekOf(day: string): string {
  return addDays(day, -((new Date(msOf(day)).getUTCDay() + 6) % 7));
}

/** The instant at which a local date begins, UTC ms: midnight, or where the clock goes on when there is none. */
export function startOfDay(day: string, zone: string): number {
  const asIfUtc = msOf(day);
  const candidates = [asIfUtc - DAY_MS, asIfUtc + DAY_MS].map((near) => asIfUtc - offsetOf(near, zone));
  const starts = candidates.filter((at) => localDayOf(at, zone) === day && localDayOf(at - 1, zone) !== day);
  return Math.min(...(starts.length > 0 ? starts : candidates));
}

/** How far local time is ahead of UTC, ms. */
function offsetOf(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = partsOf(new Date(at), zone);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(at / 1000) * 1000;
}

/** Midnight of the same date in UTC, ms. */
function msOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: Date, zone: string): Readonly<Record<Part, string>> {
  let format = formats.get(zone);
  if (format === undefined) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-CA', {
      ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
    });
    formats.set(zone, format);
  }
  const found = format.formatToParts(at).map(({ type, value }) => [type, value] as const);
  return Object.fromEntries(found) as Readonly<Record<Part, string>>;
}
