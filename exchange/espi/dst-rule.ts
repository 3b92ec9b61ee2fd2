import { Temporal } from 'temporal-polyfill';

/** How local time is told from UTC. @source ESPI 4.0, TimeConfiguration */
export interface LocalTime {
  /** Seconds to UTC outside of daylight saving time. */
  readonly tzOffset: number;
  /** Seconds that daylight saving time adds; 0 = there is none, or none that a rule can tell. */
  readonly dstOffset: number;
  /** 8 hex digits. */
  readonly dstStartRule: string;
  readonly dstEndRule: string;
}

/** No correction. */
const NO_RULE = 'FFFFFFFF';
/** A rule must hold for so many years from the one that is asked about. */
const YEARS = 4;
/** The last weekday of its kind in a month; 2 to 6 are the first to the fifth. */
const LAST = 7;
const FIRST = 2;

interface Transition {
  /** The wall clock that is about to be changed. */
  readonly wall: Temporal.PlainDateTime;
  /** Seconds that it is put forward. */
  readonly change: number;
}

/**
 * Local time of a zone in a year. Where a zone changes its clocks by no rule that ESPI can tell, the rules are off and `tzOffset` is
 * the offset at the begin of the year: instants are UTC and stay exact.
 * @param zone IANA name
 */
export function localTimeOf(zone: string, year: number): LocalTime {
  const offset = Temporal.PlainDate.from({ year, month: 1, day: 1 }).toZonedDateTime(zone).offsetNanoseconds / 1e9;
  const years = Array.from({ length: YEARS }, (_, i) => transitionsOf(zone, year + i));
  const starts = years.map((all) => all.filter(({ change }) => change > 0));
  const ends = years.map((all) => all.filter(({ change }) => change < 0));
  const dstStartRule = ruleOf(starts);
  const dstEndRule = ruleOf(ends);
  if (dstStartRule === undefined || dstEndRule === undefined)
    return { tzOffset: offset, dstOffset: 0, dstStartRule: NO_RULE, dstEndRule: NO_RULE };
  const dstOffset = starts[0]![0]!.change;
  // In the south the year begins in summer.
  const summer = Temporal.PlainDateTime.compare(ends[0]![0]!.wall, starts[0]![0]!.wall) < 0;
  return { tzOffset: summer ? offset - dstOffset : offset, dstOffset, dstStartRule, dstEndRule };
}

function transitionsOf(zone: string, year: number): Transition[] {
  const found: Transition[] = [];
  let at = Temporal.PlainDate.from({ year, month: 1, day: 1 }).toZonedDateTime(zone).subtract({ nanoseconds: 1 });
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (next === null || next.year !== year) return found;
    const before = next.subtract({ nanoseconds: 1 });
    const change = (next.offsetNanoseconds - before.offsetNanoseconds) / 1e9;
    if (change !== 0) found.push({ wall: before.toPlainDateTime().add({ nanoseconds: 1 }), change });
    at = next;
  }
}

/** The rule that gives the one transition of every year. */
function ruleOf(years: readonly (readonly Transition[])[]): string | undefined {
  if (years.some((all) => all.length !== 1)) return undefined;
  const walls = years.map(([only]) => only!.wall);
  const [{ month, dayOfWeek, hour, minute, second }] = walls as [Temporal.PlainDateTime];
  const isAlike = (one: Temporal.PlainDateTime) =>
    one.month === month && one.dayOfWeek === dayOfWeek && one.hour === hour && one.minute === minute && one.second === second;
  if (!walls.every(isAlike)) return undefined;
  const operator = [LAST, FIRST, FIRST + 1, FIRST + 2, FIRST + 3].find((one) => walls.every((wall) => fits(wall, one)));
  if (operator === undefined) return undefined;
  const bits = month * 2 ** 28 + operator * 2 ** 25 + dayOfWeek * 2 ** 17 + hour * 2 ** 12 + minute * 60 + second;
  return bits.toString(16).toUpperCase().padStart(8, '0');
}

function fits({ day, daysInMonth }: Temporal.PlainDateTime, operator: number): boolean {
  return operator === LAST ? day + 7 > daysInMonth : Math.ceil(day / 7) === operator - FIRST + 1;
}
