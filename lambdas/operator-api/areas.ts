import type { AreaList, FeedStatus } from '../../api/operator.ts';
import { area } from '../../domain/demand/area.ts';
import { behindMs, LATENCY_MS } from '../../domain/demand/lateness.ts';
import { partitionStream } from '../../domain/demand/partition-stream.ts';
import { JoulekeepError, type PublishedArea } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { AREA_STREAMS, areaFeed, OPERATOR_FEED_KEY, PARTITION } from '../shared/feeds/operator-feed.ts';
import { signingKeys } from '../shared/feeds/signing-keys.ts';
import { foldStream } from '../shared/streams.ts';

/** Areas of the quarter and how their feeds stand; none before the first partition. */
export async function listAreas(platform: Platform, _call: Call<'listAreas'>): Promise<Answer> {
  const { quarter, areas } = await partitionOf(platform);
  const body: AreaList = { quarter, areas: await Promise.all(areas.map((one) => statusOf(platform, one))) };
  return { body };
}

/** @throws ERR_AREA_UNKNOWN for an area that is not one of the quarter's */
export async function showAreaStatus(platform: Platform, { path }: Call<'showAreaStatus'>): Promise<Answer> {
  const known = (await partitionOf(platform)).areas.find((one) => one.area === path.area);
  if (known === undefined) throw new JoulekeepError('ERR_AREA_UNKNOWN', `no area ${path.area}`);
  const body = await statusOf(platform, known);
  return { body, etag: `"${body.feed}-${body.seq}"` };
}

/** What to pin: a receiver compares it with what it was told when the contract was made. */
export async function listFeedKeys({ kms }: Platform, _call: Call<'listFeedKeys'>): Promise<Answer> {
  return { body: await signingKeys(kms, [OPERATOR_FEED_KEY]) };
}

async function partitionOf({ events }: Platform): Promise<{ readonly quarter: string; readonly areas: readonly PublishedArea[] }> {
  const { quarters } = (await foldStream(events, `${AREA_STREAMS}${PARTITION}`, partitionStream)).state;
  return quarters.findLast(({ whole }) => whole) ?? { quarter: '', areas: [] };
}

async function statusOf({ events, clock }: Platform, { area: id, intervalMinutes }: PublishedArea): Promise<FeedStatus> {
  const { seq, toldUntil } = (await foldStream(events, `${AREA_STREAMS}${id}`, area)).state;
  const of = { area: id, feed: areaFeed(id), seq, intervalMinutes, latencySeconds: LATENCY_MS / 1000 };
  if (toldUntil === 0) return { ...of, behindSeconds: 0 };
  return { ...of, toldUntil: toldUntil * 1000, behindSeconds: behindMs(toldUntil, clock.now(), intervalMinutes) / 1000 };
}
