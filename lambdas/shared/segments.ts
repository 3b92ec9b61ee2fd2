import { randomBytes } from 'node:crypto';
import { foldCommit, noteCommit } from '../../domain/telemetry/fold.ts';
import { decideMembership, type SegmentCommand } from '../../domain/telemetry/membership.ts';
import { SegmentState } from '../../domain/telemetry/segment-state.ts';
import { codeOf } from '../../events/errors.ts';
import { type DomainEvent, JoulekeepError } from '../../events/index.ts';
import type { RecordedCommit, StreamHead } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { StreamTrimmed } from '../../platform/ports/stream-anchor.ts';
import { readCheckpoint, writeCheckpoint } from './retained/checkpoints.ts';
import { readTo } from './streams.ts';

const ATTEMPTS = 8;
const CHECKPOINT_COMMITS = 256;
/** Events that are read on behind a warm state; of more the last checkpoint has most. */
const FURTHEST = 4 * CHECKPOINT_COMMITS;
const DAY_MS = 86_400_000;

/** A segment's state in memory, standing on `head`, which may be ahead of what is durable. */
export interface WarmSegment {
  readonly id: string;
  readonly state: SegmentState;
  head: StreamHead;
  /** Settles when everything recorded so far is durable. */
  settled: Promise<unknown>;
  checkpointing: boolean;
}

/**
 * The segments a worker keeps warm. State moves on as soon as a commit is sealed, and with what others record when it is asked whether it
 * is ready; when a commit turns out to have lost its version to another writer, the segment is forgotten and folded again from its
 * last checkpoint.
 */
export class Segments {
  readonly #platform: Platform;
  readonly #most: number;
  readonly #warm = new Map<string, Promise<WarmSegment>>();
  readonly #current = new Map<string, WarmSegment>();

  /** @param most segments kept warm; the one loaded first gives way. Whoever comes by every segment now and then gives a few */
  constructor(platform: Platform, most = Number.POSITIVE_INFINITY) {
    this.#platform = platform;
    this.#most = most;
  }

  load(id: string): Promise<WarmSegment> {
    const known = this.#warm.get(id);
    if (known !== undefined) return known;
    const loading = this.#fold(id);
    if (this.#warm.size >= this.#most) this.#evict();
    this.#warm.set(id, loading);
    loading.catch(() => {
      if (this.#warm.get(id) === loading) this.#warm.delete(id);
    });
    return loading;
  }

  #evict(): void {
    const oldest = this.#warm.keys().next().value!;
    this.#warm.delete(oldest);
    this.#current.delete(oldest);
  }

  async #fold(id: string): Promise<WarmSegment> {
    const stream = `segment/${id}`;
    const checkpoint = await readCheckpoint(this.#platform, id);
    const state = checkpoint?.state ?? new SegmentState();
    const head = await readTo(this.#platform.events, { stream, head: checkpoint?.head }, (commit) => {
      take(state, commit);
    });
    const warm = { id, state, head, settled: Promise.resolve(), checkpointing: false };
    this.#current.set(id, warm);
    return warm;
  }

  /**
   * Seals the events on top of the segment as it stands and moves its state on; `applied` says how much of them
   * deciding has done to the state already. @returns when durable
   */
  record(warm: WarmSegment, commitId: Buffer, events: readonly DomainEvent[], applied: 'frames' | 'all'): Promise<unknown> {
    const version = warm.head.version + 1;
    try {
      const appended = this.#platform.events.append(warm.head, { commitId, events });
      warm.head = appended.head;
      if (applied === 'frames') noteCommit(warm.state, version, events);
      warm.settled = this.#settled(warm, appended.durable);
    } catch (error) {
      this.forget(warm);
      throw error;
    }
    return warm.settled;
  }

  /** A commit that lost its version, or that the store holds under another hash already, leaves nothing to build upon. */
  async #settled(warm: WarmSegment, durable: Promise<'appended' | 'repeated'>): Promise<void> {
    try {
      if ((await durable) === 'repeated') this.forget(warm);
    } catch (error) {
      this.forget(warm);
      throw error;
    }
  }

  /**
   * Makes sure that `record` can seal without waiting: the stream's key is in memory afterwards.
   * @returns false when whatever was judged by the state has to be judged anew, on what `load` gives: somebody else recorded something, or
   * the segment was forgotten meanwhile
   */
  async ready(warm: WarmSegment): Promise<boolean> {
    const { version, hash } = await this.#platform.events.head(`segment/${warm.id}`);
    const ahead = version - warm.head.version;
    if (ahead > 0) {
      if (ahead > FURTHEST) this.forget(warm);
      else await this.#readOn(warm);
      return false;
    }
    if (ahead === 0 && !hash.equals(warm.head.hash)) this.forget(warm);
    return this.#current.get(warm.id) === warm;
  }

  /**
   * Takes what others have recorded since, if it continues the commit this state stands on: read first, then taken in one go, so that
   * nobody meets a state half-way. Where something was recorded here meanwhile the next look decides.
   */
  async #readOn(warm: WarmSegment): Promise<void> {
    const from = warm.head;
    const since: RecordedCommit[] = [];
    try {
      for await (const commit of this.#platform.events.read(from.stream, from.version + 1)) since.push(commit);
    } catch (error) {
      this.forget(warm);
      if (!(error instanceof StreamTrimmed)) throw error;
    }
    if (this.#current.get(warm.id) !== warm || warm.head !== from) return;
    if (since[0]?.prev.equals(from.hash) !== true) return this.forget(warm);
    for (const commit of since) take(warm.state, commit);
    warm.head = since.at(-1)!.head;
  }

  /** Drops a state that can't be trusted any more; not the one that somebody has folded anew since. */
  forget(warm: WarmSegment): void {
    if (this.#current.get(warm.id) !== warm) return;
    this.#warm.delete(warm.id);
    this.#current.delete(warm.id);
  }

  /** Asks one thing of a segment. @throws what `decideMembership` throws */
  execute(segment: string, command: SegmentCommand): Promise<void> {
    return this.executeMany(segment, [command]);
  }

  /** Asks several things of a segment at once; what they change is one commit. */
  async executeMany(segment: string, commands: readonly SegmentCommand[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const warm = await this.load(segment);
      if (!(await this.ready(warm))) continue;
      try {
        const durables: Promise<unknown>[] = [];
        for (const chunk of inChunks(commands, 40)) {
          const events: DomainEvent[] = [];
          for (const command of chunk) {
            const decided = decideMembership(warm.state, command);
            if (decided.length > 0) foldCommit(warm.state, warm.state.version + 1, decided);
            events.push(...decided);
          }
          if (events.length > 0) durables.push(this.record(warm, randomBytes(32), events, 'all'));
        }
        await Promise.all(durables);
        return;
      } catch (error) {
        // What was decided before the fault has moved the state on already.
        this.forget(warm);
        const conflict = error instanceof JoulekeepError && error.code === 'ERR_VERSION_CONFLICT';
        if (!conflict || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  /** Checkpoints a segment after 256 commits or a day. Never fails its caller: a missing checkpoint costs time only. */
  async checkpointIfDue(warm: WarmSegment): Promise<void> {
    const { state } = warm;
    const now = this.#platform.clock.now();
    const due =
      state.commitsSinceCheckpoint >= CHECKPOINT_COMMITS || (state.commitsSinceCheckpoint > 0 && now - state.checkpointedAt > DAY_MS);
    if (!due || warm.checkpointing) return;
    warm.checkpointing = true;
    try {
      await writeCheckpoint(this.#platform, warm, (events) => this.record(warm, randomBytes(32), events, 'frames'));
    } catch (error) {
      this.#platform.log.warn('segment not checkpointed', { stream: `segment/${warm.id}`, code: codeOf(error) });
    } finally {
      warm.checkpointing = false;
    }
  }
}

function take(state: SegmentState, { version, events, head }: RecordedCommit): void {
  foldCommit(state, version, events);
  // An erased commit has no events, but its versions are used up.
  state.version = head.version;
}

function inChunks<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}
