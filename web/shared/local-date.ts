/** Arithmetic of local dates, `2026-11-26`, and where they begin. */

const DAY_MS = 86_400_000;

/** Local date of an instant. @param at UTC ms @param zone IANA name */
export function localDayOf(at: number, zone: string): string {
  const { year, month, day } = partsOf(at, zone);
  return `${year}-${month}-${day}`;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** First of a month so many months on. */
export function addMonths(day: string, months: number): string {
  const [year, month] = day.split('-').map(Number);
  return new Date(Date.UTC(year!, month! - 1 + months, 1)).toISOString().slice(0, 10);
}

/** Monday of its week. */
export function weekOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** The instant at which a local date begins, UTC ms: midnight, or where the clock goes on when there is none. */
export function startOfDay(day: string, zone: string): number {
  const asIfUtc = Date.parse(`${day}T00:00:00Z`);
  const candidates = [asIfUtc - DAY_MS, asIfUtc + DAY_MS].map((near) => asIfUtc - offsetOf(near, zone));
  const starts = candidates.filter((at) => localDayOf(at, zone) === day && localDayOf(at - 1, zone) !== day);
  return Math.min(...(starts.length > 0 ? starts : candidates));
}

/** How far local time is ahead of UTC, ms. */
function offsetOf(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = partsOf(at, zone);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(at / 1000) * 1000;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: number, zone: string): Readonly<Record<Part, string>> {
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
