import type { ChainLink, DayAheadClaims, PriceClaims } from '../../../events/price.ts';
import type { Defences } from '../../../topology/defences.ts';

export type PriceDefences = Pick<Defences, 'priceSequence' | 'priceExpiry' | 'priceBand'>;

/** Why something genuine does not count. */
export type RuleFault = 'wrong-zone' | 'not-yet' | 'expired' | 'older' | 'broken-chain' | 'no-tariff' | 'outside-band';

/** How far the device's clock may be behind, s. */
const CLOCK_LEEWAY_S = 30;

/** @param at UTC s */
export function timeFault(
  { iat, nbf, exp }: Pick<PriceClaims, 'iat' | 'nbf' | 'exp'>,
  at: number,
  { priceExpiry }: PriceDefences,
): RuleFault | undefined {
  if (!priceExpiry) return undefined;
  if (at < Math.max(iat, nbf) - CLOCK_LEEWAY_S) return 'not-yet';
  return at >= exp ? 'expired' : undefined;
}

/** A chain that was seen goes on; it never goes back, and never was another. */
export function memoryFault(newest: ChainLink, seen: ChainLink, { priceSequence }: PriceDefences): RuleFault | undefined {
  if (!priceSequence) return undefined;
  if (newest.seq < seen.seq) return 'older';
  return newest.seq === seen.seq && newest.hash !== seen.hash ? 'broken-chain' : undefined;
}

/** One of a chain after the one before it. A tariff may stand alone: `dense` is for what goes on link by link. */
export function linkFault(
  { seq, prevHash }: Pick<PriceClaims, 'seq' | 'prevHash'>,
  before: ChainLink,
  dense: boolean,
  { priceSequence }: PriceDefences,
): RuleFault | undefined {
  if (!priceSequence) return undefined;
  if (seq <= before.seq) return 'older';
  if (seq > before.seq + 1) return dense ? 'broken-chain' : undefined;
  return prevHash === before.hash ? undefined : 'broken-chain';
}

/** Every price lies within the band that the key of tariffs signed for its interval. */
export function bandFault(
  { start, minutes, prices }: PriceClaims,
  days: readonly DayAheadClaims[],
  { priceBand }: PriceDefences,
): RuleFault | undefined {
  if (!priceBand) return undefined;
  for (const [i, price] of prices.entries()) {
    const found = slotAt(days, start + i * minutes * 60);
    if (found === undefined || found.day.minutes !== minutes) return 'no-tariff';
    if (price < found.day.low[found.slot]! || price > found.day.high[found.slot]!) return 'outside-band';
  }
  return undefined;
}

/** The newest tariff that covers an instant, and which of its intervals that is. @param at UTC s */
export function slotAt(days: readonly DayAheadClaims[], at: number): { readonly day: DayAheadClaims; readonly slot: number } | undefined {
  const day = days.findLast(({ start, minutes, prices }) => at >= start && at < start + prices.length * minutes * 60);
  return day && { day, slot: Math.floor((at - day.start) / (day.minutes * 60)) };
}
