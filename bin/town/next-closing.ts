import { readCursor } from '../../lambdas/close-day/cursor.ts';
import { localDayAt, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import type { Platform } from '../../platform/ports/platform.ts';

/**
 * The next 07:00: what came since the last one is taken into its days then. A play before this one may have let the clock run further, and closed more.
 * @param now UTC ms @returns UTC ms
 */
export async function nextClosing(closing: Platform, now: number, zone: string): Promise<number> {
  const { day } = localDayAt(Math.floor(now / 1000), zone);
  const yesterday = plusDays(day, -1);
  const next = now < provisionalAt(yesterday, zone) ? yesterday : day;
  const closed = await closedUpTo(closing, zone);
  return provisionalAt(closed === undefined || closed < next ? next : plusDays(closed, 1), zone);
}

/** The last day that some segment has closed, undefined before the first. */
async function closedUpTo(closing: Platform, zone: string): Promise<string | undefined> {
  let last: string | undefined;
  for await (const stream of closing.events.streams('segment/')) {
    const closed = (await readCursor(closing, stream.slice('segment/'.length))).closed.get(zone);
    if (closed !== undefined && (last === undefined || closed > last)) last = closed;
  }
  return last;
}
