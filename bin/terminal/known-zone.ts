import { type PriceZoneState, priceZone } from '../../domain/price/price-zone.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { UsageError } from './fail.ts';

/** A zone as it is priced, or proposed to be. @throws UsageError for one that nobody proposed */
export async function knownZone({ events }: Pick<Platform, 'events'>, zone: string): Promise<PriceZoneState> {
  const { state } = await foldStream(events, `price/${zone}`, priceZone);
  if (state.settings !== undefined || state.proposal !== undefined) return state;
  throw new UsageError(`zone ${zone} was never proposed: joulekeep price zone ${zone}`);
}
