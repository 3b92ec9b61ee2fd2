import type { ChainLink, DayAheadClaims, PriceClaims } from '../../events/price.ts';

/** `gap`: there are others between. */
export type ChainFault = 'older' | 'broken-chain' | 'gap';
export type BandFault = 'no-tariff' | 'outside-band';

type Position = Pick<PriceClaims, 'seq' | 'prevHash'>;

/** How far the device's clock may be behind, s. */
export const CLOCK_LEEWAY_S = 30;

/**
 * A tariff or a wish stands for itself, so one before it may have been missed; what is not newer, or contradicts the one before it, is
 * refused.
 */
export function sparseChainFault(
  { seq, prevHash }: Position,
  head: ChainLink,
  { priceSequence }: { readonly priceSequence: boolean },
): ChainFault | undefined {
  if (!priceSequence) return undefined;
  if (seq <= head.seq) return 'older';
  return seq === head.seq + 1 && prevHash !== head.hash ? 'broken-chain' : undefined;
}

/** Real-time prices go on link by link. */
export function denseChainFault(
  { seq, prevHash }: Position,
  base: ChainLink,
  { priceSequence }: { readonly priceSequence: boolean },
): ChainFault | undefined {
  if (!priceSequence) return undefined;
  if (seq <= base.seq) return 'older';
  if (seq > base.seq + 1) return 'gap';
  return prevHash === base.hash ? undefined : 'broken-chain';
}

/** Every price lies within the band of the newest tariff for its interval. */
export function bandFault(
  { start, minutes, prices }: PriceClaims,
  days: readonly DayAheadClaims[],
  { priceBand }: { readonly priceBand: boolean },
): BandFault | undefined {
  if (!priceBand) return undefined;
  for (const [i, price] of prices.entries()) {
    const found = slotAt(days, start + i * minutes * 60);
    if (found === undefined || found.day.minutes !== minutes) return 'no-tariff';
    const { day, slot } = found;
    if (price < day.low[slot]! || price > day.high[slot]!) return 'outside-band';
  }
  return undefined;
}

/** The newest tariff that covers an instant, and which of its intervals that is. @param at UTC s */
export function slotAt(days: readonly DayAheadClaims[], at: number): { readonly day: DayAheadClaims; readonly slot: number } | undefined {
  const day = days.findLast(({ start, minutes, prices }) => at >= start && at < start + prices.length * minutes * 60);
  return day && { day, slot: Math.floor((at - day.start) / (day.minutes * 60)) };
}
