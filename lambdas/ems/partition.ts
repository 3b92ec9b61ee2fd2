import { quarterAt } from '../../domain/demand/quarter.ts';
import { customersIn, type DisclosureGate } from '../../domain/privacy/gate.ts';
import { partitionOf } from '../../domain/privacy/partition.ts';
import type { AreaPartitioned, PublishedArea } from '../../events/index.ts';
import type { ReadModels } from '../../platform/ports/read-models.ts';
import type { Rosters } from '../project/area-roster.ts';
import { COMPOSITIONS, leavesInOrder, readCompositions } from '../project/compositions.ts';
import { areaName } from './feed-name.ts';
import type { Teller } from './teller.ts';

const SHORTEST_MINUTES = 5;

/**
 * Makes the partition of the quarter, once, when its leaves are composed. @param now UTC ms
 * @returns partitions of which something may be told or revised, newest last
 */
export async function partitionsAt(
  teller: Teller,
  models: ReadModels,
  rosters: Rosters,
  now: number,
  gate: DisclosureGate,
): Promise<readonly AreaPartitioned[]> {
  const { quarters } = await teller.partitionState();
  const quarter = quarterAt(now);
  if (quarters.some((known) => known.quarter === quarter)) return quarters;
  const compositions = await readCompositions(models.table(COMPOSITIONS), quarter);
  if (compositions === undefined) return quarters;
  const { areas, suppressed } = partitionOf({ quarter, leaves: leavesInOrder(compositions) }, gate);
  const published = areas.map(({ leaves }) => publishedArea(leaves, rosters, now));
  const customers = new Map(areas.map(({ leaves, composition }) => [areaName(leaves), customersIn(composition)]));
  await teller.tellPartition({ quarter, areas: published, withheld: suppressed }, customers);
  return (await teller.partitionState()).quarters;
}

/** An area can be told as often as the slowest of its meters reports. */
function publishedArea(leaves: readonly string[], rosters: Rosters, now: number): PublishedArea {
  const cadences = leaves.flatMap((leaf) => rosters.at(leaf, now / 1000).map(({ minutes }) => minutes));
  const intervalMinutes = Math.max(SHORTEST_MINUTES, ...cadences);
  const slotsPerHome = intervalMinutes / Math.min(intervalMinutes, ...cadences);
  return { area: areaName(leaves), leaves, intervalMinutes, slotsPerHome };
}
