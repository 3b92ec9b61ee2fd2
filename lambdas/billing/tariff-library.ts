import { createHash } from 'node:crypto';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import type { TariffSeries } from '../../domain/tariff/series.ts';
import { tariffStream } from '../../domain/tariff/tariff-stream.ts';
import { JoulekeepError, type TariffPublished } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldStream } from '../shared/streams.ts';
import { loadSeries } from './series-file.ts';
import { loadTariff } from './tariff-file.ts';

/** Published tariffs with their series, read once each: one library per run. What could not be read is read again. */
export class TariffLibrary {
  readonly #platform: Pick<Platform, 'events' | 'objects'>;
  readonly #tariffs = new Map<string, Promise<readonly TariffAssignment[]>>();
  readonly #series = new Map<string, Promise<TariffSeries>>();

  constructor(platform: Pick<Platform, 'events' | 'objects'>) {
    this.#platform = platform;
  }

  /** Every version, rising by date. @throws ERR_TARIFF_UNKNOWN, ERR_SERIES_DAMAGED */
  versions(id: string): Promise<readonly TariffAssignment[]> {
    return kept(this.#tariffs, id, () => this.#load(id));
  }

  async #load(id: string): Promise<readonly TariffAssignment[]> {
    const { state } = await foldStream(this.#platform.events, `tariff/${id}`, tariffStream);
    if (state.length === 0) {
      throw new JoulekeepError('ERR_TARIFF_UNKNOWN', `tariff ${id} was never published: joulekeep tariff publish FILE`);
    }
    return Promise.all(state.map((published) => this.#assignable(published)));
  }

  async #assignable({ tariff: id, version, from, document, series = [] }: TariffPublished): Promise<TariffAssignment> {
    const { tariff } = loadTariff(document, `${id} version ${version}`);
    const loaded = await Promise.all(
      series.map(async ({ name, key }) => [name, await kept(this.#series, key, () => this.#fetch(key))] as const),
    );
    return { tariff, version, from, series: new Map(loaded) };
  }

  async #fetch(key: string): Promise<TariffSeries> {
    const body = await this.#platform.objects.get(key);
    const hash = body && createHash('sha256').update(body).digest('hex');
    if (body === undefined || key !== `tariff-series/${hash}`) {
      throw new JoulekeepError('ERR_SERIES_DAMAGED', `${key} is ${body === undefined ? 'gone' : 'not what was published'}`);
    }
    return loadSeries(body.toString(), key);
  }
}

function kept<T>(memory: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const loading = load();
  memory.set(key, loading);
  loading.catch(() => memory.delete(key));
  return loading;
}
