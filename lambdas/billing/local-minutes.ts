import { Temporal } from 'temporal-polyfill';

/**
 * Local minute of the day at which each slot begins. A spring day jumps over an hour, an autumn day has it twice; half an
 * hour at Lord Howe.
 * @param start UTC s @param zone IANA name
 */
export function localMinutesOf(start: number, slots: number, minutes: number, zone: string): Uint16Array {
  const first = offsetMinutes(start, zone);
  const steady = first === offsetMinutes(start + (slots - 1) * minutes * 60, zone);
  return Uint16Array.from({ length: slots }, (_, i) => {
    const at = start + i * minutes * 60;
    const local = Math.floor(at / 60) + (steady ? first : offsetMinutes(at, zone));
    return ((local % 1440) + 1440) % 1440;
  });
}

function offsetMinutes(at: number, zone: string): number {
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone);
  return Math.round(offsetNanoseconds / 60e9);
}
