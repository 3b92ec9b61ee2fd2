import { createHash } from 'node:crypto';
import { partitionStream } from '../../domain/demand/partition-stream.ts';
import { quarterAt, quarterStart } from '../../domain/demand/quarter.ts';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import { release } from '../../domain/privacy/release.ts';
import { CLOSING_DAYS } from '../../domain/privacy/revisions.ts';
import { type AreaQuarter, type Tables, tablesOf } from '../../domain/privacy/tables.ts';
import type { AreaPartitioned } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { COMPOSITIONS, readCompositions } from '../project/compositions.ts';
import { openArea, releaseLedger } from '../shared/release-ledger.ts';
import { foldStream, runDecider } from '../shared/streams.ts';
import { toldAreas } from './told-areas.ts';

const DAY_MS = 86_400_000;
const TABLES = 'tables/';
export const RELEASE_STREAM = 'release/tables';

/** What a run released. */
export interface Released {
  readonly quarter: string;
  readonly areas: number;
  readonly suppressed: number;
}

/**
 * Releases the tables of the newest quarter that is over and closed, once. Made from what went out to the operator; reads no reading
 * and no subject. @returns undefined when there is nothing to release
 */
export async function releaseTables(platform: Platform, defences: Defences): Promise<Released | undefined> {
  const { events, objects, clock } = platform;
  const at = clock.now();
  const quarter = newestClosed(at);
  const { state } = await foldStream(events, RELEASE_STREAM, release);
  if (state.released.some((one) => one.quarter >= quarter)) return undefined;
  const { state: known } = await foldStream(events, 'area/partition', partitionStream);
  const partition = known.quarters.find((one) => one.quarter === quarter);
  if (partition === undefined) return undefined;
  const tables = await makeTables(platform, partition, defences);
  const body = Buffer.from(JSON.stringify(tables));
  const sha256 = createHash('sha256').update(body).digest('hex');
  const key = `${TABLES}${sha256}`;
  await objects.put(key, body);
  const areas = tables.research.map(({ area, stepMinutes }) => ({ area, stepMinutes }));
  const suppressed = partition.areas.length - areas.length;
  const command = { type: 'ReleaseTables' as const, tables: { quarter, areas, suppressed, key, sha256, at } };
  const { state: now } = await runDecider(events, RELEASE_STREAM, release, command);
  await withdraw(platform, new Set(now.released.map((one) => one.key)));
  return { quarter, areas: areas.length, suppressed };
}

/** The newest tables, as they were released; undefined before the first. */
export async function newestTables({ events, objects }: Pick<Platform, 'events' | 'objects'>): Promise<Tables | undefined> {
  const { state } = await foldStream(events, RELEASE_STREAM, release);
  const newest = state.released.at(-1);
  const body = newest && (await objects.get(newest.key));
  return body && (JSON.parse(body.toString()) as Tables);
}

async function makeTables(
  { events, models }: Platform,
  partition: Pick<AreaPartitioned, 'quarter' | 'areas'>,
  defences: Defences,
): Promise<Tables> {
  const { quarter } = partition;
  const ledger = releaseLedger(defences);
  const compositions = (await readCompositions(models.table(COMPOSITIONS), quarter)) ?? new Map();
  const areas: AreaQuarter[] = [];
  for await (const area of toldAreas(events, partition, compositions)) {
    const { leaves } = partition.areas.find((one) => one.area === area.area)!;
    const { area: id, composition, intervalMinutes, told } = area;
    openArea(ledger, { id, leaves, composition }, { quarter, intervalMinutes }, told);
    areas.push(area);
  }
  return tablesOf(quarter, areas, ledger, disclosureGate(defences.disclosureGate));
}

/** A quarter is closed when its last day is. @param at UTC ms */
function newestClosed(at: number): string {
  return quarterAt(quarterStart(quarterAt(at - (CLOSING_DAYS + 1) * DAY_MS)) - 1);
}

/** Tables that are offered no longer, and what a run that broke off left behind. */
async function withdraw({ objects }: Platform, offered: ReadonlySet<string>): Promise<void> {
  for (const key of await objects.list(TABLES)) if (!offered.has(key)) await objects.delete(key);
}
