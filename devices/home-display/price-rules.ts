import type { ChainLink } from '../../events/price.ts';
import { type BandFault, type ChainFault, CLOCK_LEEWAY_S } from '../../protocol/price/rules.ts';
import type { Defences } from '../../topology/defences.ts';
import type { DisplayMemory } from './memory.ts';

export type PriceDefences = Pick<Defences, 'priceSequence' | 'priceExpiry' | 'priceBand'>;

/** Why a genuine item is not taken. */
export type RuleFault = 'wrong-zone' | 'not-yet' | 'expired' | ChainFault | BandFault;

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

/** From where the chain goes on: what was taken last, or the snapshot that the newest tariff holds, whichever is further. */
export function chainBase({ prices, days }: Pick<DisplayMemory, 'prices' | 'days'>): ChainLink {
  const snapshot = days.at(-1)?.chain;
  return snapshot !== undefined && (snapshot.seq > prices.seq || contradicts(prices, snapshot)) ? snapshot : prices;
}

/** Two chains: the key of prices signed what the key of tariffs doesn't know. */
export function contradicts(prices: ChainLink, snapshot: ChainLink): boolean {
  return prices.seq === snapshot.seq && prices.hash !== snapshot.hash;
}
