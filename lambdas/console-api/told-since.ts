import { type ToldFlow, type ToldFlows, takeItem } from '../../domain/demand/told-flows.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { commitsBehind } from '../shared/feeds/feed-items.ts';
import { AREA_STREAMS, areaFeed } from '../shared/feeds/operator-feed.ts';

/** Items read at first: a week of quarters of an hour, each revised once. Twice as many until they reach far enough. */
const FIRST_READ = 7 * 96 * 2;

/** Intervals of an area that end behind an instant, as they were told last, in the order of time. @param from UTC s */
export async function toldSince(platform: Pick<Platform, 'events'>, area: string, from: number): Promise<readonly ToldFlow[]> {
  const { version } = await platform.events.latest(`${AREA_STREAMS}${area}`);
  for (let back = FIRST_READ; ; back *= 2) {
    const after = Math.max(0, version + 1 - back);
    const { flows, oldest } = await readBehind(platform, area, after);
    if (after > 0 && oldest > from) continue;
    return [...flows.values()].filter(({ end }) => end > from).sort((a, b) => a.end - b.end);
  }
}

/** @returns `oldest`: the interval that was told first of those that were told for the first time, UTC s */
async function readBehind(platform: Pick<Platform, 'events'>, area: string, after: number): Promise<{ flows: ToldFlows; oldest: number }> {
  const flows: ToldFlows = new Map();
  let oldest = Number.POSITIVE_INFINITY;
  for await (const { events } of commitsBehind(platform, areaFeed(area), after)) {
    for (const event of events) {
      takeItem(flows, event);
      // They come in order: whatever is said of a later interval is behind it.
      if (event.type === 'AreaDemandPublished' || event.type === 'AreaSuppressed') oldest = Math.min(oldest, event.data.end);
    }
  }
  return { flows, oldest };
}
