const DAY_MS = 86_400_000;

/** Local dates, `2026-11-26`, are counted as days of a calendar and have no time in them. */
export function addDays(day: string, days: number): string {
  return new Date(msOf(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days from one local date to another; negative when the other was before. */
export function daysBetween(from: string, until: string): number {
  return Math.round((msOf(until) - msOf(from)) / DAY_MS);
}

/** The local date at a time. @param at UTC ms or ISO 8601 @param zone IANA */
export function localDay(at: number | string, zone: string): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(at));
}

/** A month, `2026-11`, so many months away. */
export function addMonths(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

function msOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
