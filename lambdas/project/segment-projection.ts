import type { SegmentState } from '../../domain/telemetry/segment-state.ts';
import { SlotFold } from '../../domain/telemetry/slot-fold.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { NewItem, ReadTable, UpTo } from '../../platform/ports/read-models.ts';
import { readAnchored, readCheckpoint } from '../shared/retained/checkpoints.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';
import { Turns } from '../shared/turns.ts';
import { noteRoster, noteRosterOf, ROSTER_KIND } from './area-roster.ts';
import { AREA_KIND, AREA_SUMS, addToAreas } from './area-sums.ts';
import { addToCoverage, COVERAGE, COVERAGE_KIND, noteHome, noteMembership } from './coverage.ts';
import { addReceived, addToIntake, INTAKE, INTAKE_KIND, noteHeard } from './intake.ts';
import { ItemChanges } from './item-changes.ts';
import { takeReadings } from './slot-readings.ts';
import { USAGE_PAGE } from './usage-page.ts';
import { addToPages, MEMBERSHIP_KIND, noteMeter, notePlace, USAGE_PAGES } from './usage-pages.ts';

/** Tables that are made from segment streams. */
export const SEGMENT_TABLES = [AREA_SUMS, COVERAGE, USAGE_PAGES, INTAKE] as const;

export type SegmentTables = Readonly<Record<(typeof SEGMENT_TABLES)[number], ReadTable>>;

/** Commits folded before their changes are written. */
const COMMITS_PER_WRITE = 8;
/** Segments whose slots stay in memory, some 35 KB each: two million meters. */
const WARM_SEGMENTS = 4_096;
/** Partition of the items that say how far a table is, one per segment. */
const THROUGH = 'through';

/**
 * Recent pages, area sums and coverage of segments. A record of the feed says only that a segment has grown: the tables know
 * how far they are, and everything from there on is folded in order. So nothing is left out, whatever came twice, late,
 * or failed before.
 */
export class SegmentProjection {
  readonly #platform: Platform;
  readonly #tables: SegmentTables;
  readonly #turns = new Turns();
  readonly #warm = new Map<string, SlotFold>();

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
    let fold: SlotFold | undefined;
    let commits: RecordedCommit[] = [];
    const kept = await keptFrom(this.#platform.events, `segment/${segment}`);
    for await (const commit of this.#platform.events.read(`segment/${segment}`, Math.max(from + 1, kept))) {
      if (commit.version > to) break;
      fold ??= await this.#foldAt(segment, from, commit.erased === true || commit.version > from + 1);
      if (commit.version <= fold.version) continue;
      commits.push(commit);
      if (commits.length < COMMITS_PER_WRITE) continue;
      await this.#take(segment, fold, commits);
      commits = [];
    }
    if (fold !== undefined && commits.length > 0) await this.#take(segment, fold, commits);
  }

  /** Version up to which all tables are. */
  async #through(segment: string): Promise<number> {
    const key = [{ partition: THROUGH, sort: segment }];
    const items = await Promise.all(Object.values(this.#tables).map((table) => table.takeUp(key)));
    return Math.min(...items.map(([item]) => item?.upTo.version ?? -1));
  }

  /** The segment as it stood at a version; what was in memory counts only if it stands there. @param gone see `#load` */
  async #foldAt(segment: string, version: number, gone: boolean): Promise<SlotFold> {
    const known = this.#warm.get(segment);
    this.#warm.delete(segment);
    const fold = known?.version === version ? known : await this.#load(segment, version, gone);
    this.#warm.set(segment, fold);
    if (this.#warm.size > WARM_SEGMENTS) this.#warm.delete(this.#warm.keys().next().value!);
    return fold;
  }

  /** @param gone what follows the version is not kept any more: then the segment begins where its checkpoint stands */
  async #load(segment: string, version: number, gone: boolean): Promise<SlotFold> {
    const checkpoint = await this.#checkpoint(segment, version, gone);
    const isOurs = checkpoint !== undefined && (gone || checkpoint.state.version <= version);
    const fold = isOurs ? SlotFold.of(checkpoint.state) : new SlotFold();
    if (isOurs && gone) await this.#noteMembers(segment, checkpoint.state);
    for await (const commit of this.#platform.events.read(`segment/${segment}`, fold.version + 1)) {
      if (commit.version > version) break;
      fold.take(commit.version, commit.events);
      fold.version = commit.head.version;
    }
    return fold;
  }

  /** What was deleted is in the checkpoint that stands in for it; keys that were destroyed leave the latest one. */
  async #checkpoint(segment: string, version: number, gone: boolean) {
    const anchored = gone ? await readAnchored(this.#platform, segment) : undefined;
    if (anchored !== undefined && anchored.state.version > version) return anchored;
    return version < 0 && !gone ? undefined : await readCheckpoint(this.#platform, segment);
  }

  /** Who came by commits that are not kept any more: the checkpoint says who is here. */
  async #noteMembers(segment: string, { members, version }: SegmentState): Promise<void> {
    const coverage = new ItemChanges(COVERAGE_KIND);
    const places = new ItemChanges(MEMBERSHIP_KIND);
    const roster = new ItemChanges(ROSTER_KIND);
    const here = [...members.all()];
    for (const [number, member] of here) {
      noteHome(coverage, member, segment, version);
      const { meterId, asset } = member;
      notePlace(places, { meterId, asset, member: number }, segment, version);
    }
    noteRosterOf(
      roster,
      here.map(([, member]) => member),
      segment,
      version,
    );
    const intake = new ItemChanges(INTAKE_KIND);
    noteHeard(
      intake,
      here.map(([, member]) => member),
      segment,
      version,
    );
    const upTo = { stream: `segment/${segment}`, version };
    const { [AREA_SUMS]: areaSums, [COVERAGE]: covered, [USAGE_PAGES]: usage, [INTAKE]: taken } = this.#tables;
    const written = [put(areaSums, roster, upTo), put(covered, coverage, upTo), put(usage, places, upTo), put(taken, intake, upTo)];
    await Promise.all(written);
  }

  async #take(segment: string, fold: SlotFold, commits: readonly RecordedCommit[]): Promise<void> {
    const coverage = new ItemChanges(COVERAGE_KIND);
    const areas = new ItemChanges(AREA_KIND);
    const roster = new ItemChanges(ROSTER_KIND);
    const pages = new ItemChanges(USAGE_PAGE);
    const places = new ItemChanges(MEMBERSHIP_KIND);
    const intake = new ItemChanges(INTAKE_KIND);
    for (const commit of commits) {
      for (const event of commit.events) {
        addToIntake(intake, event, segment, commit.version);
        noteMembership(coverage, event, segment, commit.version);
        noteMeter(places, event, segment, commit.version);
      }
      noteRoster(roster, commit.events, fold, segment, commit.version);
      const hours = takeReadings(fold, commit);
      addToAreas(areas, hours, segment, commit.version);
      addToCoverage(coverage, hours, segment, commit.version);
      addReceived(intake, hours, segment, commit.version);
      addToPages(pages, hours, segment, commit);
    }
    const upTo = { stream: `segment/${segment}`, version: fold.version };
    const { [AREA_SUMS]: areaSums, [COVERAGE]: covered, [USAGE_PAGES]: usage, [INTAKE]: taken } = this.#tables;
    const [sums, counts, came, read, there, intakes] = await Promise.all([
      areas.onto(areaSums, upTo),
      roster.onto(areaSums, upTo),
      coverage.onto(covered, upTo),
      pages.onto(usage, upTo),
      places.onto(usage, upTo),
      intake.onto(taken, upTo),
    ]);
    const through: NewItem = { partition: THROUGH, sort: segment, upTo, value: Buffer.alloc(0) };
    // Asked for in one turn, they share one flush to stable storage.
    await Promise.all([
      areaSums.put([...sums, ...counts, through]),
      covered.put([...came, through]),
      usage.put([...read, ...there, through]),
      taken.put([...intakes, through]),
    ]);
  }
}

async function put<Value>(table: ReadTable, changes: ItemChanges<Value>, upTo: UpTo): Promise<void> {
  await table.put(await changes.onto(table, upTo));
}
