import { Temporal } from 'temporal-polyfill';

const DAY_S = 86_400;

/** Local time of an instant with its offset to UTC, e.g. `2026-10-25T01:15:00+01:00`. @param seconds UTC s */
export type LocalClock = (seconds: number) => string;

/** The zone is asked once for a UTC day on which it changes no clock. @param zone IANA name */
export function localClock(zone: string): LocalClock {
  const steady = new Map<number, number | undefined>();
  return (seconds) => {
    const day = Math.floor(seconds / DAY_S);
    if (!steady.has(day)) {
      const [first, last] = [offsetAt(day * DAY_S, zone), offsetAt((day + 1) * DAY_S, zone)];
      steady.set(day, first === last ? first : undefined);
    }
    return withOffset(seconds, steady.get(day) ?? offsetAt(seconds, zone));
  };
}

/** Seconds ahead of UTC. */
function offsetAt(seconds: number, zone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9;
}

function withOffset(seconds: number, offset: number): string {
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 3_600), Math.floor((Math.abs(offset) % 3_600) / 60)];
  const told = `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
  return new Date((seconds + offset) * 1000).toISOString().replace('.000Z', told);
}
