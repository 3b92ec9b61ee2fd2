import type { ChainLink, PriceClaims } from '../../../events/price.ts';
import { type BandFault, type ChainFault, CLOCK_LEEWAY_S } from '../../../protocol/price/rules.ts';
import type { Defences } from '../../../topology/defences.ts';

type PriceDefences = Pick<Defences, 'priceSequence' | 'priceExpiry'>;

/** Why something genuine does not count. */
export type RuleFault = 'wrong-zone' | 'not-yet' | 'expired' | ChainFault | BandFault;

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
