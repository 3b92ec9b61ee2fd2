import { partitionStream } from '../../domain/demand/partition-stream.ts';
import { OPERATOR_FEED_TYP } from '../../events/catalogue/operator-feed.ts';
import type { PublishedArea } from '../../events/index.ts';
import type { ForecastPayload } from '../../lambdas/forecast/payload.ts';
import { readOpenFeed } from '../../lambdas/shared/feeds/feed-items.ts';
import { pinnedKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import { AREA_STREAMS, areaFeed, OPERATOR_FEED_KEY, PARTITION } from '../../lambdas/shared/feeds/operator-feed.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { verifyChain } from '../../protocol/feed.ts';
import type { PinnedKey } from '../../protocol/jws.ts';

/** What the grid operator got of each area, checked as it would check it. @param next first day that was not played, whose forecast is shown */
export async function writeOperatorView(platform: Platform, next: string, say: (line: string) => void): Promise<void> {
  const { quarters } = (await foldStream(platform.events, `${AREA_STREAMS}${PARTITION}`, partitionStream)).state;
  const newest = quarters.findLast(({ whole }) => whole);
  say('');
  if (newest === undefined) {
    say('The grid operator was told nothing: no area has enough homes');
    return;
  }
  say(`What the grid operator was told in ${newest.quarter}, signed and in sequence`);
  const keys = await pinnedKeyOf(platform.kms, OPERATOR_FEED_KEY, OPERATOR_FEED_TYP);
  for (const area of newest.areas) for (const line of await areaLines(platform, area, { keys, next })) say(`  ${line}`);
  if (newest.withheld.length > 0) say(`  nothing of ${newest.withheld.join(', ')}: too few homes, and no neighbour`);
}

interface Known {
  readonly keys: ReadonlyMap<string, PinnedKey>;
  readonly next: string;
}

async function areaLines(platform: Platform, { area, leaves }: PublishedArea, { keys, next }: Known): Promise<string[]> {
  const feed = areaFeed(area);
  const found = await readOpenFeed(platform, feed, 0, Number.MAX_SAFE_INTEGER);
  const { items, faults } = verifyChain(
    found.map(({ item }) => item),
    { feed, typ: OPERATOR_FEED_TYP, keys },
  );
  const kinds = Map.groupBy(items, ({ payload }) => String(payload?.['kind']));
  const count = (kind: string) => (kinds.get(kind)?.length ?? 0).toLocaleString('en');
  const netWh = (kinds.get('demand') ?? []).reduce((sum, { payload }) => sum + Number(payload?.['netWh']), 0);
  const told = `${count('demand')} intervals over ${netWh.toLocaleString('en')} Wh net, ${count('revision')} revised`;
  const not = `${count('suppressed')} not told when they were due, ${count('doubt')} doubted`;
  const verdict = faults.length === 0 ? 'verifies' : 'DOES NOT VERIFY';
  const forecasts = (kinds.get('forecast') ?? []).map(({ payload }) => payload as unknown as ForecastPayload);
  return [`${leaves.join(' with ').padEnd(20)} ${told}, ${not}   ${verdict}`, forecastLine(forecasts.findLast(({ day }) => day === next))];
}

/** The peak of a forecast, with the band that holds nine of ten outcomes. */
function forecastLine(forecast: ForecastPayload | undefined): string {
  const known = forecast?.slots.flatMap((slot) => (slot.energyWh === null ? [] : [{ ...slot, energyWh: slot.energyWh }])) ?? [];
  const peak = known.toSorted((one, other) => other.energyWh - one.energyWh)[0];
  if (forecast === undefined || peak === undefined) return `${''.padEnd(20)} no forecast yet: it takes six days of what was told`;
  const at = new Date(peak.end * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: forecast.zone });
  const number = (value: number | null) => (value ?? 0).toLocaleString('en');
  const isKnown = peak.lowerWh !== null && peak.upperWh !== null;
  const band = isKnown ? `nine times in ten ${number(peak.lowerWh)} to ${number(peak.upperWh)}` : 'no band yet: it takes 18 days';
  return `${''.padEnd(20)} forecast for ${forecast.day}: peak by ${at} of ${number(peak.energyWh)} Wh, ${band}`;
}
