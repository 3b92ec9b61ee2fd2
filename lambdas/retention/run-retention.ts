import { codeOf } from '../../events/errors.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { sinceRestore } from '../shared/restore-fence.ts';
import { dueMonths, noteArchived } from './archive-months.ts';
import { dueModels, dueQuarantined, TRIMMED, type TrimmedClass } from './due-streams.ts';
import { dueSignIns, noteSignIns } from './sign-in-keys.ts';
import { sweepStandIns } from './sweep-stand-ins.ts';
import { type SegmentTrimmed, trimSegment } from './trim-segment.ts';
import type { StreamTrim } from './trim-stream.ts';

const SEGMENT = 'segment/';

export interface Retained {
  readonly segments: readonly SegmentTrimmed[];
  /** Streams of concentrators and of accesses of which something was deleted, or would be, or should have been. */
  readonly relays: readonly StreamTrim[];
  readonly access: readonly StreamTrim[];
  /** Objects deleted from quarantine, or that would be. */
  readonly quarantined: number;
  /** The same of the numbers of forecast models. */
  readonly models: number;
  /** Keys of persons' months of sign-ins destroyed, or that would be. */
  readonly signIns: number;
  /** Months of usage points that were archived, or would be. */
  readonly months: number;
  /** Streams of meter days in them. */
  readonly days: number;
  /** Archives, and what stood in for deleted commits, deleted that newer ones had replaced. */
  readonly swept: number;
  /** Streams, months and objects that a fault kept from it; the next run tries again. */
  readonly failed: number;
}

/** How far a run is. */
export interface RetentionProgress {
  readonly what: 'segments' | 'months' | TrimmedClass['name'];
  readonly done: number;
  readonly total: number;
}

export interface RetentionOptions {
  /** Looks, and changes nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: RetentionProgress) => void;
}

/**
 * What retention demands today (topology/retention.ts): telemetry, streams of concentrators and of accesses that are past their time
 * are deleted behind what stands in for them, months of meter days are archived, objects leave quarantine, keys of old sign-ins go. Runs as the principal
 * `archive`. Broken off anywhere and run again it comes to the same.
 */
export async function runRetention(
  platform: Platform,
  { dryRun = false, onProgress = () => {} }: RetentionOptions = {},
): Promise<Retained> {
  const run = new Run(platform, dryRun, onProgress);
  const segments = await run.segments();
  const [relays = [], access = []] = await Array.fromAsync(TRIMMED, (one) => run.trimmed(one));
  const quarantined = await run.objects('quarantine', await dueQuarantined(platform));
  const models = await run.objects('forecast-models', await dueModels(platform));
  const signIns = await run.signIns();
  const { months, days } = await run.months();
  const swept = dryRun ? 0 : run.swept + (await platform.events.sweep());
  return { segments, relays, access, quarantined, models, signIns, months, days, swept, failed: run.failed };
}

class Run {
  failed = 0;
  swept = 0;
  readonly #platform: Platform;
  readonly #dryRun: boolean;
  readonly #onProgress: (progress: RetentionProgress) => void;

  constructor(platform: Platform, dryRun: boolean, onProgress: (progress: RetentionProgress) => void) {
    this.#platform = platform;
    this.#dryRun = dryRun;
    this.#onProgress = onProgress;
  }

  async segments(): Promise<readonly SegmentTrimmed[]> {
    const streams = await Array.fromAsync(this.#platform.events.streams(SEGMENT));
    return await this.#each('segments', streams, (stream) => [
      stream,
      () => trimSegment(this.#platform, stream.slice(SEGMENT.length), this.#dryRun),
    ]);
  }

  /** @returns those that there is something to say about */
  async trimmed({ name, cursor, cutoff: cutoffAt, streams, trim }: TrimmedClass): Promise<readonly StreamTrim[]> {
    const { clock, directory } = this.#platform;
    const cutoff = cutoffAt(clock.now());
    // What was deleted since a backup is there again when it was put back.
    const doneAt = await sinceRestore(directory, cursor);
    const done = Number((await directory.get(doneAt))?.toString() ?? '0');
    if (done >= cutoff) return [];
    const before = this.failed;
    const due = await Array.fromAsync(streams(this.#platform, cutoff, done));
    const found = await this.#each(name, due, (stream) => [stream, () => trim(this.#platform, stream, cutoff, this.#dryRun)]);
    if (!this.#dryRun && this.failed === before && found.every(({ kept }) => kept === undefined)) {
      if (name === 'relays') this.swept += await sweepStandIns(this.#platform);
      await directory.put([{ key: doneAt, value: Buffer.from(String(cutoff)) }]);
    }
    return found.filter(({ events, kept }) => events > 0 || kept !== undefined);
  }

  async objects(reason: string, keys: readonly string[]): Promise<number> {
    return await this.#removed(reason, keys, (key) => this.#platform.objects.delete(key));
  }

  async signIns(): Promise<number> {
    const due = await dueSignIns(this.#platform);
    const destroyed = await this.#removed('sign-ins', due, (id) => this.#platform.keys.destroy(id));
    if (!this.#dryRun && destroyed === due.length) await noteSignIns(this.#platform);
    return destroyed;
  }

  async months(): Promise<Pick<Retained, 'months' | 'days'>> {
    const before = this.failed;
    const months = await dueMonths(this.#platform);
    await this.#each('months', months, ({ streams }) => [
      streams[0]!,
      async () => {
        if (!this.#dryRun) await this.#platform.events.archive(streams);
      },
    ]);
    if (!this.#dryRun && this.failed === before) await noteArchived(this.#platform);
    return { months: months.length, days: months.reduce((sum, month) => sum + month.streams.length, 0) };
  }

  async #each<Item, Result>(
    what: RetentionProgress['what'],
    items: readonly Item[],
    work: (item: Item) => readonly [stream: string, run: () => Promise<Result>],
  ): Promise<Result[]> {
    const results: Result[] = [];
    for (const [i, item] of items.entries()) {
      const [stream, run] = work(item);
      const result = await this.#attempt({ stream }, run);
      if (result !== undefined) results.push(result);
      this.#onProgress({ what, done: i + 1, total: items.length });
    }
    return results;
  }

  /** One after the other; one that can't go holds up none of the others. @returns how many are gone, or would be */
  async #removed(reason: string, names: readonly string[], remove: (name: string) => Promise<unknown>): Promise<number> {
    if (this.#dryRun) return names.length;
    const before = this.failed;
    for (const name of names) await this.#attempt({ reason }, () => remove(name));
    return names.length - (this.failed - before);
  }

  async #attempt<T>(fields: { readonly stream: string } | { readonly reason: string }, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.failed++;
      this.#platform.log.error('not retained as it should be', { ...fields, code: codeOf(error) });
      return undefined;
    }
  }
}
