import type { BillProof } from '../../api/bill-proof.ts';
import type { BillStatement, TariffPublished } from '../../events/index.ts';
import type { CommitEvidence } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { impossible } from './impossible.ts';

type Named = BillStatement['tariffs'][number];

/** The commits that published the versions a bill names, each once, and the files of prices that these name. */
export async function tariffEvidence(
  { events, objects }: Pick<Platform, 'events' | 'objects'>,
  named: readonly Named[],
): Promise<{ readonly evidence: readonly CommitEvidence[]; readonly series: BillProof['series'] }> {
  const evidence: CommitEvidence[] = [];
  const keys = new Set<string>();
  for (const { tariff, version } of new Map(named.map((one) => [`${one.tariff} ${one.version}`, one])).values()) {
    const found = await published(events, tariff, version);
    evidence.push(found.evidence);
    for (const { key } of found.published.series ?? []) keys.add(key);
  }
  const series: { key: string; text: string }[] = [];
  for (const key of keys) {
    const body = await objects.get(key);
    if (body === undefined) throw impossible(`${key} is gone`);
    series.push({ key, text: body.toString() });
  }
  return { evidence, series };
}

async function published(
  events: Platform['events'],
  tariff: string,
  version: number,
): Promise<{ readonly evidence: CommitEvidence; readonly published: TariffPublished }> {
  for await (const evidence of events.evidence(`tariff/${tariff}`)) {
    for (const { type, data } of evidence.recorded.events)
      if (type === 'TariffPublished' && data.version === version) return { evidence, published: data };
  }
  throw impossible(`tariff ${tariff} has no version ${version}`);
}
