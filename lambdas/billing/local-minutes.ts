import { timesOf } from '../shared/days/wall-clock.ts';

/**
 * Local minute of the day at which each slot begins. A spring day jumps over an hour, an autumn day has it twice; half an
 * hour at Lord Howe.
 * @param start UTC s @param zone IANA name
 */
export function localMinutesOf(start: number, slots: number, minutes: number, zone: string): Uint16Array {
  return Uint16Array.from(timesOf({ start, end: start + slots * minutes * 60, minutes, zone }), (seconds) => seconds / 60);
}
