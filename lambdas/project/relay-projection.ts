import { NO_BATCH } from '../../domain/enrolment/relay.ts';
import type { DomainEvent, RefusalCounts } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import { Turns } from '../shared/turns.ts';
import { commitGroups } from './commit-groups.ts';
import { addReasons, dayPartition, hourOfDay, relayPartition } from './intake.ts';
import { ItemChanges, jsonKind } from './item-changes.ts';

/**
 * What concentrators brought that is no frame of any meter of ours, and handshakes that were refused. Counts alone. Partition `dc/<dcId>`:
 * an item per UTC date; `day/<UTC date>`: one per concentrator.
 */
export const JUNK = 'junk';

/** Tables that are made from streams of concentrators. */
export const RELAY_TABLES = [JUNK] as const;

export type RelayTables = Readonly<Record<(typeof RELAY_TABLES)[number], ReadTable>>;

/** By hour of the UTC date. */
export interface JunkDay {
  frames: Record<number, RefusalCounts>;
  handshakes: Record<number, number>;
  /** Times that it was found to flood. */
  floods: Record<number, number>;
}

export const JUNK_KIND = jsonKind<JunkDay>();

const THROUGH = 'through';
const COMMITS_PER_WRITE = 64;

/** Streams of concentrators into counts: followed from where the table is, as segments are. */
export class RelayProjection {
  readonly #platform: Platform;
  readonly #tables: RelayTables;
  readonly #turns = new Turns();

  constructor(platform: Platform, tables: RelayTables) {
    this.#platform = platform;
    this.#tables = tables;
  }

  /** Resolves when every commit of the concentrator's stream that begins at or before `to` is in the table. */
  follow(dcId: string, to: number): Promise<void> {
    return this.#turns.run(dcId, () => this.#follow(dcId, to));
  }

  async #follow(dcId: string, to: number): Promise<void> {
    const { [JUNK]: table } = this.#tables;
    const [known] = await table.takeUp([{ partition: THROUGH, sort: dcId }]);
    const from = known?.upTo.version ?? -1;
    if (from >= to) return;
    for await (const commits of commitGroups(this.#platform.events, { stream: `relay/${dcId}`, after: from, to }, COMMITS_PER_WRITE))
      await this.#take(dcId, commits);
  }

  async #take(dcId: string, commits: readonly RecordedCommit[]): Promise<void> {
    const changes = new ItemChanges(JUNK_KIND);
    for (const { version, events } of commits) for (const event of events) addJunk(changes, event, dcId, version);
    const { [JUNK]: table } = this.#tables;
    const upTo = { stream: `relay/${dcId}`, version: commits.at(-1)!.head.version };
    const through = { partition: THROUGH, sort: dcId, upTo, value: Buffer.alloc(0) };
    await table.put([...(await changes.onto(table, upTo)), through]);
  }
}

function addJunk(changes: ItemChanges<JunkDay>, event: DomainEvent, dcId: string, version: number): void {
  if (event.type !== 'JunkCounted' && event.type !== 'RelayThrottled') return;
  const { date, hour } = hourOfDay(event.type === 'JunkCounted' ? event.data.brokerTime : event.data.at);
  const take = (day: JunkDay) => {
    if (event.type === 'RelayThrottled') day.floods[hour] = (day.floods[hour] ?? 0) + 1;
    else if (event.data.batch.sequence === NO_BATCH) day.handshakes[hour] = (day.handshakes[hour] ?? 0) + total(event.data.counts);
    else day.frames[hour] = addReasons({ ...day.frames[hour] }, event.data.counts);
  };
  const empty = (): JunkDay => ({ frames: {}, handshakes: {}, floods: {} });
  changes.add({ partition: relayPartition(dcId), sort: date }, version, take, empty);
  changes.add({ partition: dayPartition(date), sort: dcId }, version, take, empty);
}

function total(counts: RefusalCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
