import { fraction, roundHalfEven } from './money.ts';
import type { TierPricing } from './tariff.ts';

/** A block of consumption for as many days as the tariff held. */
export interface ScaledTier {
  readonly band: string;
  readonly fromWh: bigint;
  /** Absent = no end. */
  readonly upToWh?: bigint;
  readonly priceMicroPerKWh: bigint;
}

/** Thresholds times days over `perDays`, each to the nearest whole Wh, halves to even. */
export function scaledTiers({ tiers, perDays }: TierPricing, days: number): readonly ScaledTier[] {
  let fromWh = 0n;
  return tiers.map(({ band, upToWh, priceMicroPerKWh }) => {
    const begin = fromWh;
    if (upToWh === undefined) return { band, fromWh: begin, priceMicroPerKWh };
    fromWh = roundHalfEven(fraction(upToWh * BigInt(days), BigInt(perDays))).whole;
    return { band, fromWh: begin, upToWh: fromWh, priceMicroPerKWh };
  });
}
