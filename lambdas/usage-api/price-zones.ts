import { type PriceZoneState, priceZone } from '../../domain/price/price-zone.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldStream, WarmStreams } from '../shared/streams.ts';

const KEPT = 1_000;
/** A zone that is opened takes so long to be seen here. */
const LISTED_MS = 60_000;

/** Zones whose prices are signed of a tariff. Nothing in them is of a customer. */
export class PriceZones {
  readonly #platform: Pick<Platform, 'events' | 'clock'>;
  readonly #zones = new WarmStreams<PriceZoneState>(KEPT);
  #listed: { readonly of: ReadonlyMap<string, string>; readonly until: number } | undefined;

  constructor(platform: Pick<Platform, 'events' | 'clock'>) {
    this.#platform = platform;
  }

  /** The first by name for the tariff and the zone of its days; null = none. */
  async of(tariff: string, timeZone: string): Promise<string | null> {
    const now = this.#platform.clock.now();
    if (this.#listed === undefined || this.#listed.until <= now) this.#listed = { of: await this.#list(), until: now + LISTED_MS };
    return this.#listed.of.get(`${tariff} ${timeZone}`) ?? null;
  }

  async #list(): Promise<ReadonlyMap<string, string>> {
    const { events } = this.#platform;
    const found = new Map<string, string>();
    for (const stream of (await Array.fromAsync(events.streams('price/'))).sort()) {
      const { state } = await foldStream(events, stream, priceZone, this.#zones);
      const key = state.settings && `${state.settings.tariff} ${state.settings.timeZone}`;
      if (key !== undefined && !found.has(key)) found.set(key, stream.slice('price/'.length));
    }
    return found;
  }
}
