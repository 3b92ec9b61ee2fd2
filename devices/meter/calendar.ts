const DAY_SECONDS = 86_400;
const LONGEST_DAY_SECONDS = DAY_SECONDS + 3 * 3_600;
const REMEMBERED = 32;

/**
 * The local midnight after `at`. Where the list that the MDMS sent has run out, or doesn't reach back, days of 24 h
 * are assumed: a seal names its start and end, so nothing hangs on the guess.
 * @param midnights UTC seconds, rising, not empty
 */
export function nextMidnight(midnights: readonly number[], at: number): number {
  const next = midnights.find((midnight) => midnight > at);
  if (next === undefined) return wholeDaysOn(midnights.at(-1)!, at);
  if (next - at <= LONGEST_DAY_SECONDS) return next;
  return wholeDaysOn(next - Math.ceil((next - at) / DAY_SECONDS) * DAY_SECONDS, at);
}

/** The local midnight at or before `at`. */
export function lastMidnight(midnights: readonly number[], at: number): number {
  const last = midnights.findLast((midnight) => midnight <= at);
  if (last === undefined) return midnights[0]! - Math.ceil((midnights[0]! - at) / DAY_SECONDS) * DAY_SECONDS;
  return last + Math.floor((at - last) / LONGEST_DAY_SECONDS) * DAY_SECONDS;
}

/** What is known after a new list came: the past stays, for days that are still to be closed. */
export function mergeMidnights(known: readonly number[], announced: readonly number[]): readonly number[] {
  const first = announced[0] ?? Number.POSITIVE_INFINITY;
  return [...known.filter((midnight) => midnight < first), ...announced].slice(-REMEMBERED);
}

/**
 * The local date of the day that starts at `start`, as days since 1970-01-01. From the UTC time of a local midnight
 * alone the date is certain for offsets from -10:59 to +13:00, where the meters are.
 */
export function localDay(start: number): number {
  return Math.floor((start + 13 * 3_600) / DAY_SECONDS);
}

function wholeDaysOn(from: number, at: number): number {
  return from + (Math.floor((at - from) / DAY_SECONDS) + 1) * DAY_SECONDS;
}
