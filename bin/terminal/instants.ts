import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { UsageError } from './fail.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;
export const INSTANT_HELP = 'a local date (its first instant), or an instant like 2026-03-01T09:30+01:00';

/** @param zone IANA zone in which a date begins @returns UTC ms @throws UsageError */
export function instantIn(text: string, zone: string): number {
  if (INSTANT.test(text) && !Number.isNaN(Date.parse(text))) return Date.parse(text);
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text) && localDay(text, zone).day === text) return localDay(text, zone).start * 1000;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new UsageError(`${text}: ${INSTANT_HELP} is expected`);
}

/** An instant as the zone's clocks show it, to the minute. @param at UTC ms */
export function shownIn(at: number, zone: string): string {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return `${shown} ${zone}`;
}
