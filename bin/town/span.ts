import type { Stock } from '../../devices/fleet/protocol.ts';
import { latestDueDay, localDay, localDayAt, plusDays } from '../../lambdas/shared/days/local-days.ts';

/** Where the towns lie that are played: their days are local days of this zone. */
export const TOWN_ZONE = 'Europe/London';

/** What the attacker withholds comes a day later, books are closed the morning after, and a display is followed until the night. */
const LATE_DAYS = 3;

/** What is played, UTC ms. `since`: where the town began. */
export interface Span {
  readonly since: number;
  readonly from: number;
  readonly to: number;
}

/** A synthetic town ends with a local day, so many days on. */
export function spanOf(stock: Stock, days: number): Span {
  const from = stock.resumedAt ?? stock.start;
  const { day } = localDayAt(from / 1000, TOWN_ZONE);
  return { since: stock.start, from, to: stock.end ?? startOf(plusDays(day, days)) };
}

/** So many whole local days that can be played, closed and billed by now, where nothing was played yet. @param now UTC ms @returns where they begin, UTC ms */
export function closableSince(now: number, days: number): number {
  return startOf(plusDays(lastClosable(now), 1 - days));
}

/** The same of a town that lives on: its clock never passes the present, so what is not over by now is neither played at speed nor closed. It may be empty. */
export function livingSpanOf(stock: Stock, days: number, now: number): Span {
  const span = spanOf(stock, days);
  return { ...span, to: Math.max(span.from, Math.min(span.to, startOf(plusDays(lastClosable(now), 1)))) };
}

function lastClosable(now: number): string {
  return plusDays(latestDueDay(now, TOWN_ZONE), -LATE_DAYS);
}

function startOf(day: string): number {
  return localDay(day, TOWN_ZONE).start * 1000;
}
