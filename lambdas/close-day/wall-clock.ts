import { Temporal } from 'temporal-polyfill';
import { type DayFrame, NO_COUNTS } from '../../events/index.ts';

type Span = Pick<DayFrame, 'start' | 'end' | 'minutes' | 'zone'>;

/**
 * Counts of another day by the slots of this one: what was used at the same time of the wall clock. An hour that the other day did
 * not have has none, one that it had twice counts by its first.
 */
export function toWallClock(counts: Uint32Array, from: Span, to: Span): Uint32Array {
  const step = to.minutes * 60;
  const slots = (to.end - to.start) / step;
  if (counts.length === slots && offsetsOf(from) === offsetsOf(to)) return counts;
  const byTime = new Map<number, number>();
  for (let i = counts.length - 1; i >= 0; i--) byTime.set(timeOfDay(from.start + i * step, from.zone), counts[i]!);
  return Uint32Array.from({ length: slots }, (_, i) => byTime.get(timeOfDay(to.start + i * step, to.zone)) ?? NO_COUNTS);
}

/** Seconds since 00:00 by the wall clock. */
function timeOfDay(at: number, zone: string): number {
  const { hour, minute, second } = Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone);
  return hour * 3600 + minute * 60 + second;
}

/** Whether the clock was changed within the span, and by which wall clock it began. */
function offsetsOf({ start, end, zone }: Span): string {
  const offset = (at: number) => Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone).offsetNanoseconds;
  return `${offset(end) - offset(start)} ${timeOfDay(start, zone)}`;
}
