import type { QuarterPartition } from '../../domain/demand/partition-stream.ts';
import { quarterAt } from '../../domain/demand/quarter.ts';
import { customersIn, type DisclosureGate, NOBODY } from '../../domain/privacy/gate.ts';
import { type Area, partitionOf } from '../../domain/privacy/partition.ts';
import type { AreaPartitioned, PublishedArea } from '../../events/index.ts';
import type { ReadModels } from '../../platform/ports/read-models.ts';
import type { Rosters } from '../project/area-roster.ts';
import { COMPOSITIONS, leavesInOrder, readCompositions } from '../project/compositions.ts';
import { areaName } from '../shared/feeds/operator-feed.ts';
import type { Teller } from './teller.ts';

const SHORTEST_MINUTES = 5;
/** Areas, or leaves of which nothing is told, of one item. */
const PER_PART = 100;

interface Known {
  readonly models: ReadModels;
  readonly rosters: Rosters;
  /** UTC ms. */
  readonly now: number;
  readonly gate: DisclosureGate;
}

/** Makes the partition of the quarter, once, when its leaves are composed. @returns partitions of which something may be told or revised, newest last */
export async function partitionsAt(teller: Teller, known: Known): Promise<readonly QuarterPartition[]> {
  const { quarters } = await teller.partitionState();
  const quarter = quarterAt(known.now);
  if (!quarters.some((one) => one.quarter === quarter && one.whole)) await makePartition(teller, known, quarter);
  return (await teller.partitionState()).quarters.filter(({ whole }) => whole);
}

async function makePartition(teller: Teller, { models, rosters, now, gate }: Known, quarter: string): Promise<void> {
  const compositions = await readCompositions(models.table(COMPOSITIONS), quarter);
  if (compositions === undefined) return;
  const { areas, suppressed } = partitionOf({ quarter, leaves: leavesInOrder(compositions) }, gate);
  const published = areas.map((area) => publishedArea(area, rosters, now, gate));
  const customers = new Map(areas.map(({ leaves, composition }) => [areaName(leaves), customersIn(composition)]));
  for (const part of partsOf(quarter, published, suppressed)) await teller.tellPartition(part, customers);
}

function partsOf(quarter: string, areas: readonly PublishedArea[], withheld: readonly string[]): AreaPartitioned[] {
  const parts = Math.max(1, Math.ceil(areas.length / PER_PART), Math.ceil(withheld.length / PER_PART));
  return Array.from({ length: parts }, (_, i) => {
    const [from, until] = [i * PER_PART, (i + 1) * PER_PART];
    return { quarter, part: i + 1, parts, areas: areas.slice(from, until), withheld: withheld.slice(from, until) };
  });
}

/** An area can be told as often as the slowest of its meters reports, and export where those who feed in are enough. */
function publishedArea({ leaves, exporters = NOBODY }: Area, rosters: Rosters, now: number, gate: DisclosureGate): PublishedArea {
  const cadences = leaves.flatMap((leaf) => rosters.at(leaf, now / 1000).map(({ minutes }) => minutes));
  const intervalMinutes = Math.max(SHORTEST_MINUTES, ...cadences);
  const slotsPerHome = intervalMinutes / Math.min(intervalMinutes, ...cadences);
  const apart = gate.passes(exporters) ? { apart: true as const } : {};
  return { area: areaName(leaves), leaves, intervalMinutes, slotsPerHome, ...apart };
}
