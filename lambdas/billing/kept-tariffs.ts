import type { Platform } from '../../platform/ports/platform.ts';
import { TariffLibrary } from './tariff-library.ts';

/** A tariff that is published takes so long to be seen. */
const KEPT_MS = 60_000;

/** Published tariffs of whoever answers one request after the other. Nothing in them is of a customer. */
export class KeptTariffs {
  readonly #platform: Pick<Platform, 'events' | 'objects' | 'clock'>;
  #kept: { readonly library: TariffLibrary; readonly until: number } | undefined;

  constructor(platform: Pick<Platform, 'events' | 'objects' | 'clock'>) {
    this.#platform = platform;
  }

  /** As they were a minute ago or since. */
  get library(): TariffLibrary {
    const now = this.#platform.clock.now();
    if (this.#kept === undefined || this.#kept.until <= now)
      this.#kept = { library: new TariffLibrary(this.#platform), until: now + KEPT_MS };
    return this.#kept.library;
  }
}
