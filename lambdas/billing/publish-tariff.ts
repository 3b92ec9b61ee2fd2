import { createHash } from 'node:crypto';
import { tariffStream } from '../../domain/tariff/tariff-stream.ts';
import { JoulekeepError, type TariffPublished } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { runDecider } from '../shared/streams.ts';
import { loadSeries } from './series-file.ts';
import { loadTariff, seriesNames } from './tariff-file.ts';

/** A file as it was read. */
export interface NamedText {
  /** For messages. */
  readonly file: string;
  readonly text: string;
}

/**
 * Publishes a tariff file with the series its prices come from. The same file and series again publish nothing.
 * @param series by the name that the tariff's pricing uses @returns the version in force
 * @throws ERR_TARIFF_INVALID, ERR_SERIES_INVALID, ERR_SERIES_MISSING, ERR_TARIFF_NOT_LATER
 */
export async function publishTariff(
  platform: Platform,
  { file, text }: NamedText,
  series: ReadonlyMap<string, NamedText>,
): Promise<TariffPublished> {
  const { tariff, from } = loadTariff(text, file);
  const stored: { name: string; key: string }[] = [];
  for (const name of seriesNames(tariff)) {
    const given = series.get(name);
    if (given === undefined) throw new JoulekeepError('ERR_SERIES_MISSING', `${file}: prices come from the series ${name}: give its file`);
    loadSeries(given.text, given.file);
    stored.push({ name, key: await storeSeries(platform, given.text) });
  }
  const command = { type: 'PublishTariff' as const, tariff: tariff.id, from, document: text, series: stored, at: platform.clock.now() };
  const { state } = await runDecider(platform.events, `tariff/${tariff.id}`, tariffStream, command);
  return state.at(-1)!;
}

/** Under its own hash: what a published version points at can't change. */
async function storeSeries({ objects }: Platform, text: string): Promise<string> {
  const key = `tariff-series/${createHash('sha256').update(text).digest('hex')}`;
  await objects.put(key, Buffer.from(text));
  return key;
}
