import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { codeOf, isOutage } from '../../../events/errors.ts';
import type { FeedSpec } from '../../../topology/feeds.ts';
import type { Log, Queues } from '../../ports/platform.ts';
import { shardOf } from '../../store/shards.ts';
import type { Arrival, EventDatabase } from '../event-database.ts';
import type { FeedFile } from './feed-file.ts';
import { lambdaContext } from './lambda-context.ts';
import { within } from './queue-worker.ts';
import { doneOf, streamEvent } from './stream-event.ts';

/** What makes a feed's handler of lambdas/ fit. */
export type FeedHandler = (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse | undefined>;

export interface FeedParts {
  readonly events: Pick<EventDatabase, 'arrivals' | 'lastPlace' | 'onAppended'>;
  readonly cursors: FeedFile;
  readonly queues: Queues;
  readonly spec: FeedSpec;
  readonly handler: FeedHandler;
  readonly log: Log;
  /** Real ms before a failed record is tried again; it doubles with each try. */
  readonly retryMs: number;
}

/** Commits looked at in one go; the cursor of a shard that found nothing of its own is moved after so many. */
const LOOK = 500;
/** Tries of one record are at most so far apart. */
const LONGEST_WAIT_MS = 600_000;
/** While something outside doesn't answer. */
const LONGEST_OUTAGE_WAIT_MS = 60_000;

/** How a batch went: so many records from the start are done, none, or none because something outside did not answer. */
type Outcome = number | 'failed' | 'outage';

/**
 * One shard of a feed: the streams that fall to it, in the order of arrival. A batch that fails as a whole is halved until
 * the record that fails is alone; that one is tried a few times more, then its position is set aside and the shard goes on.
 * Where something outside does not answer, a record is at fault only if another one works meanwhile; until then all wait.
 */
export class FeedShard {
  readonly #parts: FeedParts;
  readonly #shard: number;
  /** Done up to here, durable. */
  #place: number;
  #attempts: number;
  /** Between `#place` and here is nothing of this shard but what waits. */
  #looked: number;
  #waiting: Arrival[] = [];
  #size: number;

  constructor(parts: FeedParts, shard: number, cursor: { readonly place: number; readonly attempts: number }) {
    this.#parts = parts;
    this.#shard = shard;
    this.#place = cursor.place;
    this.#looked = cursor.place;
    this.#attempts = cursor.attempts;
    this.#size = parts.spec.batchSize;
  }

  /** Everything that was put so far is done. */
  isIdle(): boolean {
    this.#look();
    return this.#waiting.length === 0;
  }

  /** Everything of this shard up to a place of the store is done. */
  hasPassed(place: number): boolean {
    this.#look();
    const next = this.#waiting[0]?.place ?? Number.POSITIVE_INFINITY;
    return this.#looked >= place && next > place;
  }

  /**
   * Hands over the next batch.
   * @returns ms to wait before the next try; undefined when there was nothing
   */
  async takeBatch(): Promise<number | undefined> {
    this.#look();
    const batch = this.#waiting.slice(0, this.#size);
    if (batch.length === 0) return undefined;
    const outcome = await this.#invoke(batch);
    if (typeof outcome === 'number') {
      if (outcome > 0) this.#advance(outcome);
      return outcome === batch.length ? 0 : this.#fail(outcome);
    }
    if (batch.length === 1) return this.#fail(outcome);
    this.#size = Math.ceil(batch.length / 2);
    return 0;
  }

  /** Fills what waits from what arrived. */
  #look(): void {
    const { events, spec, cursors } = this.#parts;
    const last = events.lastPlace();
    while (this.#waiting.length < this.#size && this.#looked < last) {
      const { found, looked } = events.arrivals(this.#looked, LOOK, (stream) => this.#isOurs(stream));
      this.#waiting.push(...found);
      this.#looked = looked;
    }
    if (this.#waiting.length > 0 || this.#looked - this.#place < LOOK) return;
    this.#place = this.#looked;
    cursors.move(spec.name, this.#shard, spec.parallelization, { place: this.#place, attempts: 0 });
  }

  #isOurs(stream: string): boolean {
    const { streams, parallelization } = this.#parts.spec;
    return streams.some((prefix) => stream.startsWith(prefix)) && shardOf(stream, parallelization) === this.#shard;
  }

  #advance(done: number): void {
    this.#place = this.#waiting[done - 1]!.place;
    this.#waiting.splice(0, done);
    this.#attempts = 0;
    this.#size = this.#parts.spec.batchSize;
    this.#keep();
  }

  /** The record in front has failed, by itself. @returns ms to wait before the next try */
  async #fail(outcome: Outcome): Promise<number> {
    const { spec, queues, log, retryMs } = this.#parts;
    const isAway = outcome === 'outage';
    this.#attempts++;
    if (this.#attempts <= spec.maxRetries || (isAway && !(await this.#anotherWorks()))) {
      // With all that has come since: one of those may go through.
      if (isAway) this.#size = spec.batchSize;
      this.#keep();
      return Math.min(retryMs * 2 ** (this.#attempts - 1), isAway ? LONGEST_OUTAGE_WAIT_MS : LONGEST_WAIT_MS);
    }
    const { stream, version, count } = this.#waiting[0]!;
    const position = { feed: spec.name, function: spec.function, stream, version, count, attempts: this.#attempts };
    await queues.send(spec.onFailure, JSON.stringify(position));
    log.error('record set aside', { queue: spec.onFailure, stream, reason: spec.name, count: this.#attempts });
    this.#advance(1);
    return 0;
  }

  /** Whether a record of another stream, which comes again in its turn, goes through while the one in front does not. */
  async #anotherWorks(): Promise<boolean> {
    const [front, ...behind] = this.#waiting;
    const another = behind.find(({ stream }) => stream !== front?.stream);
    return another !== undefined && (await this.#invoke([another])) === 1;
  }

  #keep(): void {
    const { spec, cursors } = this.#parts;
    cursors.move(spec.name, this.#shard, spec.parallelization, { place: this.#place, attempts: this.#attempts });
  }

  async #invoke(batch: readonly Arrival[]): Promise<Outcome> {
    const { spec, handler, log } = this.#parts;
    const timeoutMs = spec.timeoutSeconds * 1000;
    const context = lambdaContext(spec.function, timeoutMs);
    try {
      const done = doneOf(batch, await within(timeoutMs, handler(streamEvent(spec.name, batch), context)));
      return done < 0 ? 'failed' : done;
    } catch (error) {
      log.error('handler failed', { reason: spec.name, code: codeOf(error), count: batch.length, requestId: context.awsRequestId });
      return isOutage(error) ? 'outage' : 'failed';
    }
  }
}
