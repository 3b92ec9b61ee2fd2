import { foldCommit } from '../../domain/telemetry/fold.ts';
import { SegmentState } from '../../domain/telemetry/segment-state.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { NewItem, ReadTable } from '../../platform/ports/read-models.ts';
import { readCheckpoint } from '../shared/checkpoints.ts';
import { Turns } from '../shared/turns.ts';
import { AREA_KIND, AREA_SUMS, addToArea } from './area-sums.ts';
import { addToCoverage, COVERAGE, COVERAGE_KIND, noteMembership } from './coverage.ts';
import { HeldAccess } from './held-access.ts';
import { ItemChanges } from './item-changes.ts';
import { placesOf, RecentDays } from './page-owners.ts';
import { type SlotReading, slotWatcher } from './slot-readings.ts';
import { addToPage, PAGE_KIND, USAGE_PAGES } from './usage-pages.ts';

/** Tables that are made from segment streams. */
export const SEGMENT_TABLES = [AREA_SUMS, COVERAGE, USAGE_PAGES] as const;

export type SegmentTables = Readonly<Record<(typeof SEGMENT_TABLES)[number], ReadTable>>;

/** Commits folded before their changes are written. */
const COMMITS_PER_WRITE = 32;
/** Segments whose state stays in memory. */
const WARM_SEGMENTS = 64;
/** Partition of the items that say how far a table is, one per segment. */
const THROUGH = 'through';

interface Warm {
  readonly state: SegmentState;
  readonly access: HeldAccess;
}

/**
 * Recent pages, area sums and coverage of segments. A record of the feed says only that a segment has grown: the tables know
 * how far they are, and everything from there on is folded in order. So nothing is left out, whatever came twice, late,
 * or failed before.
 */
export class SegmentProjection {
  readonly #platform: Platform;
  readonly #tables: SegmentTables;
  readonly #turns = new Turns();
  readonly #warm = new Map<string, Warm>();
  readonly #days = new RecentDays();

  constructor(platform: Platform, tables: SegmentTables) {
    this.#platform = platform;
    this.#tables = tables;
  }

  /** Resolves when every commit of the segment that begins at or before `to` is in the tables. @param segment its id */
  follow(segment: string, to: number): Promise<void> {
    return this.#turns.run(segment, async () => {
      try {
        await this.#follow(segment, to);
      } catch (error) {
        this.#warm.delete(segment);
        throw error;
      }
    });
  }

  async #follow(segment: string, to: number): Promise<void> {
    const from = await this.#through(segment);
    if (from >= to) return;
    let warm: Warm | undefined;
    let commits: RecordedCommit[] = [];
    for await (const commit of this.#platform.events.read(`segment/${segment}`, from + 1)) {
      if (commit.version > to) break;
      warm ??= await this.#warmAt(segment, from, commit.erased === true || commit.version > from + 1);
      if (commit.version <= warm.state.version) continue;
      commits.push(commit);
      if (commits.length < COMMITS_PER_WRITE) continue;
      await this.#take(segment, warm, commits);
      commits = [];
    }
    if (warm !== undefined && commits.length > 0) await this.#take(segment, warm, commits);
  }

  /** Version up to which all tables are. */
  async #through(segment: string): Promise<number> {
    const key = [{ partition: THROUGH, sort: segment }];
    const items = await Promise.all(Object.values(this.#tables).map((table) => table.getMany(key)));
    return Math.min(...items.map(([item]) => item?.upTo.version ?? -1));
  }

  /** The segment as it stood at a version; what was in memory counts only if it stands there. @param gone see `#load` */
  async #warmAt(segment: string, version: number, gone: boolean): Promise<Warm> {
    const known = this.#warm.get(segment);
    this.#warm.delete(segment);
    const warm = known?.state.version === version ? known : await this.#load(segment, version, gone);
    this.#warm.set(segment, warm);
    if (this.#warm.size > WARM_SEGMENTS) this.#warm.delete(this.#warm.keys().next().value!);
    return warm;
  }

  /** @param gone what follows the version is not kept any more: then the segment begins where its checkpoint stands */
  async #load(segment: string, version: number, gone: boolean): Promise<Warm> {
    const checkpoint = version < 0 && !gone ? undefined : await readCheckpoint(this.#platform, segment);
    const state = checkpoint !== undefined && (gone || checkpoint.state.version <= version) ? checkpoint.state : new SegmentState();
    for await (const commit of this.#platform.events.read(`segment/${segment}`, state.version + 1)) {
      if (commit.version > version) break;
      foldCommit(state, commit.version, commit.events);
      state.version = commit.head.version;
    }
    return { state, access: new HeldAccess(this.#platform) };
  }

  async #take(segment: string, { state, access }: Warm, commits: readonly RecordedCommit[]): Promise<void> {
    const coverage = new ItemChanges(COVERAGE_KIND);
    const areas = new ItemChanges(AREA_KIND);
    const pages = new ItemChanges(PAGE_KIND);
    const readings: SlotReading[] = [];
    for (const { version, events, head } of commits) {
      for (const event of events) noteMembership(coverage, event, segment, version);
      foldCommit(
        state,
        version,
        events,
        slotWatcher(state, version, (reading) => readings.push(reading)),
      );
      state.version = head.version;
    }
    const placeOf = await placesOf(this.#platform, [...new Set(readings.map(({ meterId }) => meterId))], this.#days);
    for (const reading of readings) {
      addToArea(areas, reading, segment);
      addToCoverage(coverage, reading, segment);
      const { at, subject } = placeOf(reading.meterId, reading.end, reading.minutes, reading.asset.zone);
      addToPage(pages, reading, segment, at, subject);
    }
    const upTo = { stream: `segment/${segment}`, version: state.version };
    const through: NewItem = { partition: THROUGH, sort: segment, upTo, value: Buffer.alloc(0) };
    const tables = this.#tables;
    const own = await access.covering(pages.owners());
    const items = await Promise.all([
      areas.onto(tables[AREA_SUMS], upTo),
      coverage.onto(tables[COVERAGE], upTo),
      pages.onto(tables[USAGE_PAGES], upTo, own),
    ]);
    // Asked for in one turn, they share one flush to stable storage.
    await Promise.all(SEGMENT_TABLES.map((name, i) => tables[name].put([...items[i]!, through])));
  }
}
