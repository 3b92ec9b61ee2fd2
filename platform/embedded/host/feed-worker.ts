import { codeOf } from '../../../events/errors.ts';
import { type FeedParts, FeedShard } from './feed-shard.ts';

/** Another process may have appended: looked at this often. */
const POLL_MS = 1_000;

/** The event source mapping of one feed: its shards, each at its own pace, until it is stopped. */
export class FeedWorker {
  readonly #parts: FeedParts;
  readonly #shards: readonly FeedShard[];
  readonly #loops: readonly Promise<void>[];
  readonly #endListening: () => void;
  /** Of the shards that sleep; true = an append wakes it. */
  readonly #sleepers = new Map<() => void, boolean>();
  #appends = 0;
  #stopping = false;
  #busy = 0;
  #batches = 0;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    const { spec, cursors, events } = parts;
    this.#endListening = events.onAppended(() => {
      this.#appends++;
      for (const [wake, byAppend] of this.#sleepers) if (byAppend) wake();
    });
    this.#shards = cursors.open(spec.name, spec.parallelization).map((cursor, shard) => new FeedShard(parts, shard, cursor));
    this.#loops = this.#shards.map((shard) => this.#run(shard));
  }

  /** Batches handed over so far. */
  get batches(): number {
    return this.#batches;
  }

  /** Everything that was put so far is handled or set aside, and no handler is at work. */
  isIdle(): boolean {
    return this.#busy === 0 && this.#shards.every((shard) => shard.isIdle());
  }

  /** Function that is invoked. */
  get function(): string {
    return this.#parts.spec.function;
  }

  /** Everything up to a place of the store is handled or set aside. */
  hasPassed(place: number): boolean {
    return this.#shards.every((shard) => shard.hasPassed(place));
  }

  /** Hands over no more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#endListening();
    for (const wake of [...this.#sleepers.keys()]) wake();
    await Promise.all(this.#loops);
  }

  async #run(shard: FeedShard): Promise<void> {
    const { spec, log } = this.#parts;
    while (!this.#stopping) {
      const appends = this.#appends;
      try {
        const wait = await this.#busily(shard);
        if (wait === undefined) await this.#sleep(POLL_MS, true, appends);
        else if (wait > 0) await this.#sleep(wait, false, appends);
      } catch (error) {
        log.error('feed worker failed', { reason: spec.name, code: codeOf(error) });
        await this.#sleep(POLL_MS, false, appends);
      }
    }
  }

  async #busily(shard: FeedShard): Promise<number | undefined> {
    this.#busy++;
    try {
      const wait = await shard.takeBatch();
      if (wait !== undefined) this.#batches++;
      return wait;
    } finally {
      this.#busy--;
    }
  }

  /** @param since appends counted before the shard looked: one that came meanwhile must not be slept over */
  async #sleep(ms: number, byAppend: boolean, since: number): Promise<void> {
    if (this.#stopping || (byAppend && this.#appends !== since)) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.set(wake, byAppend);
    });
  }
}
