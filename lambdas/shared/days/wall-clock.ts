import { Temporal } from 'temporal-polyfill';
import { type DayFrame, NO_COUNTS } from '../../../events/index.ts';

type Span = Pick<DayFrame, 'start' | 'end' | 'minutes' | 'zone'>;

/** Answers are kept: all meters of a zone ask for the same days. */
const known = new Map<string, Uint32Array>();
const MOST_KNOWN = 1_024;
const DAY_S = 86_400;

/**
 * Counts of another day by the slots of this one: what was used at the same time of the wall clock. An hour that the other day did
 * not have has none, one that it had twice counts by its first.
 */
export function toWallClock(counts: Uint32Array, from: Span, to: Span): Uint32Array {
  const here = timesOf(to);
  const there = timesOf(from);
  if (sameTimes(here, there)) return counts;
  const byTime = new Map<number, number>();
  for (let i = counts.length - 1; i >= 0; i--) byTime.set(there[i]!, counts[i]!);
  return Uint32Array.from(here, (time) => byTime.get(time) ?? NO_COUNTS);
}

/** Wall clock at the start of each slot, seconds since 00:00. */
export function timesOf({ start, end, minutes, zone }: Span): Uint32Array {
  const key = `${start} ${end} ${minutes} ${zone}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const step = minutes * 60;
  const first = clockAt(start, zone);
  const steady = first.offset === clockAt(end, zone).offset;
  const timeOf = (at: number) => (steady ? (first.time + at - start) % DAY_S : clockAt(at, zone).time);
  const times = Uint32Array.from({ length: (end - start) / step }, (_, i) => timeOf(start + i * step));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, times);
  return times;
}

/** Seconds since 00:00 by the wall clock, and by how much it is ahead of UTC, ns. */
function clockAt(at: number, zone: string): { time: number; offset: number } {
  const { hour, minute, second, offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone);
  return { time: hour * 3600 + minute * 60 + second, offset: offsetNanoseconds };
}

function sameTimes(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
