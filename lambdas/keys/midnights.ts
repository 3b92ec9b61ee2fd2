import { Temporal } from 'temporal-polyfill';
import { MIDNIGHTS } from '../../protocol/handshake.ts';

const known = new Map<string, number[]>();

/**
 * The next 14 local midnights, UTC seconds, rising: with them a meter seals local days without a time zone database.
 * A day starts at its first instant, which is not 00:00 where the clock is changed at midnight.
 * @param zone IANA name @param at UTC ms @throws RangeError for a zone that does not exist
 */
export function nextMidnights(zone: string, at: number): number[] {
  const cached = known.get(zone);
  if (cached !== undefined && at < cached[0]! * 1000 && at >= cached[0]! * 1000 - 23 * 3_600_000) return cached;
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
  const midnights = Array.from({ length: MIDNIGHTS }, (_, i) => today.add({ days: i + 1 }).toZonedDateTime(zone).epochMilliseconds / 1000);
  known.set(zone, midnights);
  return midnights;
}
