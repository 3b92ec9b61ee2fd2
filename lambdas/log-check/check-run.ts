import type { Platform } from '../../platform/ports/platform.ts';
import { TILE_WIDTH } from '../../protocol/log/tiles.ts';
import type { LogHead } from '../../protocol/log/verification.ts';
import { LogFiles } from '../log/log-files.ts';
import { type Finding, type Holding, holdStore } from './hold-store.ts';
import { putMark, readMark } from './mark.ts';
import { type Placed, ProvenLog } from './proven-log.ts';
import { Restores } from './restores.ts';
import { seenLog } from './seen-log.ts';

/** How much a run does. */
export interface CheckLimits {
  /** What is new comes first, so long; then older entries, so long from the beginning, ms. */
  readonly newMs: number;
  readonly allMs: number;
  /** Bundles that are read and held together. */
  readonly piece: number;
  /** So many runs go over all older bundles. */
  readonly runsOfRound: number;
  /** With so many bundles to look at again a run goes no further. */
  readonly mostOpen: number;
}

const MINUTE_MS = 60_000;
/** Hourly: once around in 30 days, as long as the time of a run allows it. */
export const CHECK_LIMITS: CheckLimits = {
  newMs: 8 * MINUTE_MS,
  allMs: 12 * MINUTE_MS,
  piece: 16,
  runsOfRound: 30 * 24,
  mostOpen: 64,
};

export interface CheckOutcome {
  readonly findings: readonly Finding[];
  /** Entries that were held against the store. */
  readonly checked: number;
  /** New ones that wait for the next run. */
  readonly unchecked: number;
}

export type CheckParts = Pick<Platform, 'objects' | 'kms' | 'events' | 'clock'>;

/**
 * One run of the check: what was found before, then what was logged since, then a stretch of what is older, in turn. Nothing is opened. Where
 * the log is not the one of the last run nothing is held against it, and the mark stays.
 */
export async function checkRun(parts: CheckParts, limits: CheckLimits = CHECK_LIMITS): Promise<CheckOutcome> {
  const mark = await readMark(parts.objects);
  const log = await seenLog(parts, mark?.seen);
  if ('says' in log) return { findings: [log], checked: 0, unchecked: 0 };
  const { from: before = 0, round = 0, open = [] } = mark ?? {};
  const run = new Run(parts, log, limits);
  await run.hold(open, { until: before });
  const from = await run.goOn(before);
  await putMark(parts.objects, { seen: log, from, round: await run.goRound(round, before), open: [...run.open].sort((a, b) => a - b) });
  return { findings: run.findings, checked: run.checked, unchecked: log.size - from };
}

class Run {
  readonly #parts: CheckParts;
  readonly #log: LogHead;
  readonly #limits: CheckLimits;
  readonly #began: number;
  readonly #holding: Holding;
  readonly #held = new Set<number>();
  readonly findings: Finding[] = [];
  readonly open = new Set<number>();
  checked = 0;

  constructor(parts: CheckParts, log: LogHead, limits: CheckLimits) {
    this.#parts = parts;
    this.#log = log;
    this.#limits = limits;
    this.#began = parts.clock.now();
    this.#holding = { events: parts.events, restores: new Restores(parts, log) };
  }

  /** What was logged since. @returns from where the next run goes on */
  async goOn(before: number): Promise<number> {
    const { newMs, piece } = this.#limits;
    let from = before;
    while (from < this.#log.size && this.#mayGoOn(newMs)) {
      const first = Math.floor(from / TILE_WIDTH);
      const until = Math.min(this.#log.size, (first + piece) * TILE_WIDTH);
      await this.hold(rangeOf(first, Math.ceil(until / TILE_WIDTH)), { from, until });
      from = until;
    }
    return from;
  }

  /** Older bundles in turn, of entries before `until`. @returns which is next */
  async goRound(round: number, until: number): Promise<number> {
    const { allMs, piece, runsOfRound } = this.#limits;
    const bundles = Math.ceil(until / TILE_WIDTH);
    let left = Math.ceil(bundles / runsOfRound);
    let next = round;
    while (left > 0 && this.#mayGoOn(allMs)) {
      if (next >= bundles) next = 0;
      const end = Math.min(bundles, next + Math.min(left, piece));
      const due = rangeOf(next, end).filter((bundle) => !this.#held.has(bundle));
      await this.hold(due, { until });
      left -= end - next;
      next = end;
    }
    return next;
  }

  /** Holds the entries of these bundles that lie between the two against the store. */
  async hold(bundles: readonly number[], { from = 0, until }: { readonly from?: number; readonly until: number }): Promise<void> {
    const log = new ProvenLog(new LogFiles(this.#parts.objects), this.#log);
    const entries: Placed[] = [];
    for (const bundle of bundles) {
      if (from === 0) this.#held.add(bundle);
      const proven = await log.bundle(bundle);
      if ('fault' in proven) this.#note([{ says: `entry ${proven.index}  ${proven.fault}`, bundles: [bundle] }]);
      else entries.push(...proven.filter(({ index }) => index >= from && index < until));
    }
    this.checked += entries.length;
    this.#note(await holdStore(this.#holding, entries));
  }

  #note(findings: readonly Finding[]): void {
    this.findings.push(...findings);
    for (const { bundles } of findings) for (const bundle of bundles) this.open.add(bundle);
  }

  #mayGoOn(ms: number): boolean {
    return this.open.size < this.#limits.mostOpen && this.#parts.clock.now() - this.#began < ms;
  }
}

function rangeOf(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, at) => first + at);
}
