import type { DayAheadClaims } from '../../../events/price.ts';
import { slotAt } from '../../../protocol/price/rules.ts';
import type { VerifiedPrices } from './verify.ts';

export type PriceLevel = 'low' | 'normal' | 'high';

/** An interval and its price. Times are UTC s. */
export interface PriceSlot {
  readonly from: number;
  readonly until: number;
  /** Before tax. */
  readonly priceMicroPerKWh: number;
  readonly level: PriceLevel;
}

export interface ShownPrice extends PriceSlot {
  /** `day-ahead` is said to be not live. */
  readonly source: 'live' | 'day-ahead';
  readonly currency: string;
}

const DAY_S = 86_400;
/** A price that far from its day's mean has a word of its own. */
const APART = 0.2;

/** The price at an instant, or undefined where nothing that counts covers it. @param at UTC s */
export function shownAt({ days, live }: Pick<VerifiedPrices, 'days' | 'live'>, at: number): ShownPrice | undefined {
  const found = slotAt(days, at);
  if (found === undefined) return undefined;
  const { day, slot } = found;
  const from = day.start + slot * day.minutes * 60;
  const isLive = live !== undefined && at >= live.start && at < live.exp && live.minutes === day.minutes;
  const price = isLive ? live.prices[Math.floor((at - live.start) / (live.minutes * 60))]! : day.prices[slot]!;
  const until = from + day.minutes * 60;
  return { source: isLive ? 'live' : 'day-ahead', currency: day.currency, ...slotOf(day, from, until, price) };
}

/** Intervals of the next 24 hours, from the one that runs, as far as tariffs reach; a real-time price where it is known. @param at UTC s */
export function upcomingFrom(prices: Pick<VerifiedPrices, 'days' | 'live'>, at: number): readonly ShownPrice[] {
  const upcoming: ShownPrice[] = [];
  for (let next = at; next < at + DAY_S; ) {
    const shown = shownAt(prices, next);
    if (shown === undefined || shown.until > at + DAY_S) break;
    upcoming.push(shown);
    next = shown.until;
  }
  return upcoming;
}

/** The next interval with another price than the one that runs. */
export function nextChange(upcoming: readonly PriceSlot[]): PriceSlot | undefined {
  return upcoming.find(({ priceMicroPerKWh }) => priceMicroPerKWh !== upcoming[0]?.priceMicroPerKWh);
}

/**
 * The cheapest stretch of so many hours that begins no earlier than now; of equal ones the first.
 * @param at UTC s @returns undefined where prices do not reach so far
 */
export function cheapestStretch(slots: readonly PriceSlot[], hours: number, at: number): PriceSlot | undefined {
  const ahead = slots.filter(({ from }) => from >= at);
  let best: PriceSlot | undefined;
  for (const [i, first] of ahead.entries()) {
    const stretch = stretchFrom(ahead.slice(i), first.from + hours * 3600);
    if (stretch !== undefined && (best === undefined || stretch.priceMicroPerKWh < best.priceMicroPerKWh)) best = stretch;
  }
  return best;
}

/** Mean over time of intervals without a gap until an instant. */
function stretchFrom(slots: readonly PriceSlot[], end: number): PriceSlot | undefined {
  const first = slots[0];
  if (first === undefined) return undefined;
  let [reached, weighted] = [first.from, 0];
  for (const { from, until, priceMicroPerKWh } of slots) {
    if (reached >= end || from !== reached) break;
    const part = Math.min(until, end) - from;
    weighted += priceMicroPerKWh * part;
    reached = from + part;
  }
  const mean = Math.round(weighted / (end - first.from));
  return reached < end ? undefined : { from: first.from, until: end, priceMicroPerKWh: mean, level: first.level };
}

/** A price in a word, beside those of its day. */
export function levelOf(price: number, day: readonly number[]): PriceLevel {
  const mean = day.reduce((sum, each) => sum + each, 0) / day.length;
  const apart = (day.reduce((sum, each) => sum + Math.abs(each), 0) / day.length) * APART;
  if (price < mean - apart) return 'low';
  return price > mean + apart ? 'high' : 'normal';
}

function slotOf(day: DayAheadClaims, from: number, until: number, priceMicroPerKWh: number): PriceSlot {
  return { from, until, priceMicroPerKWh, level: levelOf(priceMicroPerKWh, day.prices) };
}
