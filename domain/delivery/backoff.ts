const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An item is tried for so long from when it was due, ms; then it is set aside. */
export const DELIVERY_LASTS_MS = 72 * HOUR;

const FIRST_MS = 30_000;
const LONGEST_MS = 4 * HOUR;

/** How long to wait after so many attempts in a row have failed, ms: doubling from half a minute up to four hours. @param failed from 1 */
export function waitAfter(failed: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failed - 1, 20));
}
