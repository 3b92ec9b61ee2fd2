import type { DayAheadClaims } from '../../events/price.ts';
import { CLOCK_LEEWAY_S, slotAt } from '../../protocol/price/rules.ts';
import type { Defences } from '../../topology/defences.ts';
import type { DisplayMemory } from './memory.ts';

/** A price as it is shown. Everything but `live` is marked as not live. */
export interface ShownPrice {
  /**
   * `live`: the real-time chain. `day-ahead`: today's tariff. `last-day-ahead`: the last tariff that came, at this time of day. `flat`: what
   * the contract says.
   */
  readonly source: 'live' | 'day-ahead' | 'last-day-ahead' | 'flat' | 'none';
  readonly live: boolean;
  /** Micro-currency per kWh before tax; absent with `none`. */
  readonly priceMicroPerKWh?: number;
  readonly currency?: string;
  /** Name of the tariff's band, where it has one. */
  readonly band?: string;
  /** Interval, UTC s. */
  readonly from?: number;
  readonly until?: number;
}

/** An interval to come, by the day-ahead tariff. */
export interface UpcomingPrice {
  readonly at: number;
  readonly minutes: number;
  readonly priceMicroPerKWh: number;
  readonly band: string;
}

const DAY_S = 86_400;
/** A tariff older than that says nothing about today. */
const OLDEST_DAYS = 8;

/** The price at an instant, by the best there is. @param at UTC s @param flatMicroPerKWh of the contract, where it has one */
export function shownAt(
  memory: Pick<DisplayMemory, 'live' | 'days'>,
  at: number,
  { priceExpiry }: Pick<Defences, 'priceExpiry'>,
  flatMicroPerKWh?: number,
): ShownPrice {
  return live(memory, at, priceExpiry) ?? dayAhead(memory.days, at) ?? lastDayAhead(memory.days, at) ?? flat(flatMicroPerKWh);
}

/** Intervals that end within the next 24 hours, as far as a tariff covers them, from the one that runs. @param at UTC s */
export function upcomingFrom(days: readonly DayAheadClaims[], at: number): readonly UpcomingPrice[] {
  const upcoming: UpcomingPrice[] = [];
  for (let next = at; next < at + DAY_S; ) {
    const found = slotAt(days, next);
    if (found === undefined) break;
    const { day, slot } = found;
    const begin = day.start + slot * day.minutes * 60;
    if (begin + day.minutes * 60 > at + DAY_S) break;
    upcoming.push({ at: begin, minutes: day.minutes, priceMicroPerKWh: day.prices[slot]!, band: day.bands[slot]! });
    next = begin + day.minutes * 60;
  }
  return upcoming;
}

function live({ live: claims, days }: Pick<DisplayMemory, 'live' | 'days'>, at: number, priceExpiry: boolean): ShownPrice | undefined {
  if (claims === undefined) return undefined;
  const { start, minutes, prices, nbf, exp } = claims;
  if (priceExpiry && (at < nbf - CLOCK_LEEWAY_S || at >= exp)) return undefined;
  const slot = Math.min(Math.max(0, Math.floor((at - start) / (minutes * 60))), prices.length - 1);
  const from = start + slot * minutes * 60;
  const day = slotAt(days, from);
  return {
    source: 'live',
    live: true,
    priceMicroPerKWh: prices[slot]!,
    from,
    until: from + minutes * 60,
    ...(day === undefined ? {} : described(day.day, day.slot)),
  };
}

function dayAhead(days: readonly DayAheadClaims[], at: number): ShownPrice | undefined {
  const found = slotAt(days, at);
  return found && { source: 'day-ahead', live: false, ...priced(found.day, found.slot) };
}

function lastDayAhead(days: readonly DayAheadClaims[], at: number): ShownPrice | undefined {
  for (let back = 1; back <= OLDEST_DAYS; back++) {
    const found = slotAt(days, at - back * DAY_S);
    if (found !== undefined) return { source: 'last-day-ahead', live: false, ...priced(found.day, found.slot) };
  }
  return undefined;
}

function flat(priceMicroPerKWh: number | undefined): ShownPrice {
  return priceMicroPerKWh === undefined ? { source: 'none', live: false } : { source: 'flat', live: false, priceMicroPerKWh };
}

function priced(day: DayAheadClaims, slot: number): Omit<ShownPrice, 'source' | 'live'> {
  const from = day.start + slot * day.minutes * 60;
  return { priceMicroPerKWh: day.prices[slot]!, from, until: from + day.minutes * 60, ...described(day, slot) };
}

function described({ currency, bands }: DayAheadClaims, slot: number): Pick<ShownPrice, 'currency' | 'band'> {
  return bands[slot] === '' ? { currency } : { currency, band: bands[slot]! };
}
