import type { Platform } from '../../platform/ports/platform.ts';
import type { Premises } from './premises.ts';
import type { PriceZones } from './price-zones.ts';
import type { Prices } from './prices.ts';

/** What the routes of customers' usage work with. */
export interface Desk extends Platform {
  readonly premises: Premises;
  readonly prices: Prices;
  readonly priceZones: PriceZones;
}
