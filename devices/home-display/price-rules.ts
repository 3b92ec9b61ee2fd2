import type { ChainLink, DayAheadClaims, PriceClaims } from '../../events/price.ts';
import type { Defences } from '../../topology/defences.ts';
import type { DisplayMemory } from './memory.ts';

export type PriceDefences = Pick<Defences, 'priceSequence' | 'priceExpiry' | 'priceBand'>;

/** Why a genuine item is not taken. */
export type RuleFault = 'wrong-zone' | 'not-yet' | 'expired' | 'older' | 'broken-chain' | 'gap' | 'no-tariff' | 'outside-band';

/** How far the device's clock may be behind, s. */
export const CLOCK_LEEWAY_S = 30;

interface Timed {
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

/** Whether an item is in force. @param at UTC s */
export function timeFault(
  { iat, nbf, exp }: Timed,
  at: number,
  { priceExpiry }: Pick<PriceDefences, 'priceExpiry'>,
): RuleFault | undefined {
  if (!priceExpiry) return undefined;
  if (at < Math.max(iat, nbf) - CLOCK_LEEWAY_S) return 'not-yet';
  return at > exp ? 'expired' : undefined;
}

/**
 * A tariff stands for itself a whole day, so one may have been missed; what is not newer, or contradicts the one before it, is
 * refused.
 */
export function tariffChainFault(
  { seq, prevHash }: DayAheadClaims,
  head: ChainLink,
  { priceSequence }: PriceDefences,
): RuleFault | undefined {
  if (!priceSequence) return undefined;
  if (seq <= head.seq) return 'older';
  return seq === head.seq + 1 && prevHash !== head.hash ? 'broken-chain' : undefined;
}

/** Real-time prices go on link by link. */
export function priceChainFault({ seq, prevHash }: PriceClaims, base: ChainLink, { priceSequence }: PriceDefences): RuleFault | undefined {
  if (!priceSequence) return undefined;
  if (seq <= base.seq) return 'older';
  if (seq > base.seq + 1) return 'gap';
  return prevHash === base.hash ? undefined : 'broken-chain';
}

/** From where the chain goes on: what was taken last, or the snapshot that the newest tariff holds, whichever is further. */
export function chainBase({ prices, days }: Pick<DisplayMemory, 'prices' | 'days'>): ChainLink {
  const snapshot = days.at(-1)?.chain;
  return snapshot !== undefined && (snapshot.seq > prices.seq || contradicts(prices, snapshot)) ? snapshot : prices;
}

/** Two chains: the key of prices signed what the key of tariffs doesn't know. */
export function contradicts(prices: ChainLink, snapshot: ChainLink): boolean {
  return prices.seq === snapshot.seq && prices.hash !== snapshot.hash;
}

/** Every price lies within the band of the newest tariff for its interval. */
export function bandFault(
  { start, minutes, prices }: PriceClaims,
  days: readonly DayAheadClaims[],
  { priceBand }: PriceDefences,
): RuleFault | undefined {
  if (!priceBand) return undefined;
  for (const [i, price] of prices.entries()) {
    const found = dayAt(days, start + i * minutes * 60);
    if (found === undefined || found.day.minutes !== minutes) return 'no-tariff';
    const { day, slot } = found;
    if (price < day.low[slot]! || price > day.high[slot]!) return 'outside-band';
  }
  return undefined;
}

/** The newest tariff that covers an instant, and which of its intervals that is. @param at UTC s */
export function dayAt(days: readonly DayAheadClaims[], at: number): { readonly day: DayAheadClaims; readonly slot: number } | undefined {
  const day = days.findLast(({ start, minutes, prices }) => at >= start && at < start + prices.length * minutes * 60);
  return day && { day, slot: Math.floor((at - day.start) / (day.minutes * 60)) };
}
