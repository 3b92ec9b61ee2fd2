import { setTimeout as wait } from 'node:timers/promises';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { codeOf, isOutage } from '../../events/errors.ts';
import { FEEDS, type FeedSpec } from '../../topology/feeds.ts';
import type { Platform } from '../ports/platform.ts';

/** A function that follows feeds. */
export type FeedFunction = (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse | undefined>;

export interface PatientParts extends Pick<Platform, 'queues' | 'log'> {
  /** Tests hand in their own. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

const FIRST_PAUSE_MS = 250;
/** Left to answer in: what is not done by then comes again. */
const RESERVE_MS = 10_000;

/** How an invocation went: so many records from the start are done, and what was thrown, if anything was. */
interface Outcome {
  readonly done: number;
  readonly fault?: unknown;
}

/**
 * Makes of a function that follows feeds one that a mapping of AWS may try without end, as the embedded host would: the mapping counts tries whatever
 * the reason, so here it is told apart. What no service of the outside world answers to is handed back, and waits with all that comes behind it.
 * A record that fails otherwise when it is alone, time after time, is set aside here, and its shard goes on at once.
 * @param name of the function in topology/functions.ts
 */
export function makePatient(name: string, parts: PatientParts, handler: FeedFunction): FeedFunction {
  const feeds = FEEDS.filter((feed) => feed.function === name);
  return (event, context) => new Batch(feeds, parts, handler, context).take(event.Records);
}

class Batch {
  readonly #feeds: readonly FeedSpec[];
  readonly #parts: PatientParts;
  readonly #handler: FeedFunction;
  readonly #context: Context;
  /** Of which a record was set aside just now: the next ones of it are tried once. */
  readonly #hopeless = new Set<string>();

  constructor(feeds: readonly FeedSpec[], parts: PatientParts, handler: FeedFunction, context: Context) {
    this.#feeds = feeds;
    this.#parts = parts;
    this.#handler = handler;
    this.#context = context;
  }

  /** @throws what kept the first of them, where none is done: then the mapping halves the batch */
  async take(records: readonly DynamoDBRecord[]): Promise<DynamoDBBatchResponse> {
    for (let from = 0; from < records.length; ) {
      const rest = records.slice(from);
      const { done, fault } = await this.#invoke(rest);
      if (fault !== undefined && rest.length > 1) return handedBack(records, from, fault);
      from += done;
      if (from === records.length) break;
      const kept = await this.#alone(records[from]!);
      if (kept !== undefined) return handedBack(records, from, kept);
      from++;
    }
    return { batchItemFailures: [] };
  }

  /** @returns what it has to wait for; undefined when it is done, or set aside */
  async #alone(record: DynamoDBRecord): Promise<unknown> {
    const feed = this.#feedOf(record);
    const tries = this.#hopeless.has(streamOf(record)) ? 1 : feed.maxRetries + 1;
    let last: unknown;
    for (let attempt = 0; attempt < tries; attempt++) {
      if (attempt > 0) await (this.#parts.pause ?? wait)(FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 4));
      const { done, fault } = await this.#invoke([record]);
      if (done === 1) return undefined;
      if (isOutage(fault) || this.#context.getRemainingTimeInMillis() < RESERVE_MS) return fault ?? new Error('time is up');
      last = fault;
    }
    await this.#setAside(record, feed, tries, last);
    return undefined;
  }

  async #invoke(records: readonly DynamoDBRecord[]): Promise<Outcome> {
    try {
      const response = await this.#handler({ Records: [...records] }, this.#context);
      return { done: doneOf(records, response) };
    } catch (fault) {
      return { done: 0, fault };
    }
  }

  async #setAside(
    record: DynamoDBRecord,
    { name, function: handler, onFailure }: FeedSpec,
    attempts: number,
    fault: unknown,
  ): Promise<void> {
    const stream = streamOf(record);
    const image = record.dynamodb!.NewImage!;
    const position = { feed: name, function: handler, stream, version: Number(image['sk']!.N), count: Number(image['count']!.N), attempts };
    await this.#parts.queues.send(onFailure, JSON.stringify(position));
    const why = fault === undefined ? {} : { code: codeOf(fault) };
    this.#parts.log.error('record set aside', { queue: onFailure, stream, reason: name, count: attempts, ...why });
    this.#hopeless.add(stream);
  }

  #feedOf(record: DynamoDBRecord): FeedSpec {
    return this.#feeds.find(({ streams }) => streams.some((prefix) => streamOf(record).startsWith(prefix))) ?? this.#feeds[0]!;
  }
}

function streamOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb!.Keys!['pk']!.S!;
}

/** By the rules of `ReportBatchItemFailures`: those before the first that it names, none when it names one that isn't there. */
function doneOf(records: readonly DynamoDBRecord[], response: DynamoDBBatchResponse | undefined): number {
  const failures = response?.batchItemFailures ?? [];
  const places = failures.map(({ itemIdentifier }) => records.findIndex(({ dynamodb }) => dynamodb!.SequenceNumber === itemIdentifier));
  return Math.max(0, Math.min(records.length, ...places));
}

/** The feed goes back to one of them. */
function handedBack(records: readonly DynamoDBRecord[], from: number, fault: unknown): DynamoDBBatchResponse {
  if (from === 0) throw fault;
  return { batchItemFailures: [{ itemIdentifier: records[from]!.dynamodb!.SequenceNumber! }] };
}
