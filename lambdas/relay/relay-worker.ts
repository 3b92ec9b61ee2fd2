import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { BillingEvent } from '../../events/catalogue/billing.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { EventsUnpublished } from '../../platform/ports/events-unpublished.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { openDays } from '../shared/day-streams.ts';
import { byStream, type FeedRecord, failures, feedRecords } from '../shared/feed-records.ts';
import { billingEvents } from './billing-events.ts';

interface Due {
  readonly record: FeedRecord;
  readonly event: BillingEvent;
}

/**
 * Facts of meter days into integration events, in the order of the feed for each usage point; those of different ones go
 * side by side, in one call of the bus. Where one keeps failing, nothing of what comes behind is begun, and what went
 * beside it is not sent again when the feed goes back.
 */
export class RelayWorker {
  readonly #platform: Platform;
  /** Ids sent behind a record that the feed will bring again. */
  readonly #sent = new Set<string>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  async take(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
    const records = feedRecords(event);
    if (records.length === 0) return { batchItemFailures: [] };
    // By the rows and not by the records: before a day was sealed again it was somebody else's, until that key is destroyed.
    const days = [...byStream(records).keys()].map((stream) => ({ stream }));
    const access = await openDays(this.#platform, 'billing', days);
    const commits = new CommitsOf(this.#platform, access, records);
    const failed = new Map<FeedRecord, unknown>();
    const due: Due[] = [];
    for (const record of records) {
      try {
        for (const event of billingEvents(await commits.upTo(record), record.version)) due.push({ record, event });
      } catch (fault) {
        failed.set(record, fault);
        break;
      }
    }
    for (const wave of inWaves(due)) {
      const lost = await this.#sendAll(wave);
      if (lost !== undefined) return failures(this.#platform.log, lost);
    }
    return failures(this.#platform.log, failed);
  }

  /** @returns the first record that failed, if one did */
  async #sendAll(wave: readonly Due[]): Promise<ReadonlyMap<FeedRecord, unknown> | undefined> {
    const unsent = wave.filter(({ event }) => !this.#sent.delete(event.id));
    if (unsent.length === 0) return undefined;
    const failed = await this.#unpublished(unsent.map(({ event }) => event));
    const first = unsent.findIndex(({ event }) => failed.has(event.id));
    if (first < 0) return undefined;
    for (const { event } of unsent.slice(first)) if (!failed.has(event.id)) this.#sent.add(event.id);
    const { record, event } = unsent[first]!;
    return new Map([[record, failed.get(event.id)]]);
  }

  /** @returns what kept which of them, by id */
  async #unpublished(events: readonly BillingEvent[]): Promise<ReadonlyMap<string, unknown>> {
    try {
      await this.#platform.bus.publish(events);
      return new Map();
    } catch (error) {
      return error instanceof EventsUnpublished ? error.failed : new Map(events.map(({ id }) => [id, error]));
    }
  }
}

/** Stretches in which no usage point comes twice, in order. */
function inWaves(due: readonly Due[]): Due[][] {
  const waves: Due[][] = [];
  let points = new Set<string>();
  for (const one of due) {
    const { usagePoint } = one.event.data;
    if (waves.length === 0 || points.has(usagePoint)) {
      waves.push([]);
      points = new Set();
    }
    points.add(usagePoint);
    waves.at(-1)!.push(one);
  }
  return waves;
}

/** Commits of the days of one batch, each stream read once. */
class CommitsOf {
  readonly #platform: Platform;
  readonly #access: SubjectAccess;
  readonly #last: ReadonlyMap<string, number>;
  readonly #read = new Map<string, RecordedCommit[]>();

  constructor(platform: Platform, access: SubjectAccess, records: readonly FeedRecord[]) {
    this.#platform = platform;
    this.#access = access;
    this.#last = new Map([...byStream(records)].map(([stream, of]) => [stream, of.at(-1)!.version]));
  }

  /** The day from its first commit to the record's. */
  async upTo({ stream, version }: FeedRecord): Promise<readonly RecordedCommit[]> {
    const commits = this.#read.get(stream) ?? (await this.#fetch(stream));
    this.#read.set(stream, commits);
    return commits.filter((commit) => commit.version <= version);
  }

  async #fetch(stream: string): Promise<RecordedCommit[]> {
    const commits: RecordedCommit[] = [];
    for await (const commit of this.#platform.events.read(stream, 0, this.#access)) {
      commits.push(commit);
      // What lies behind may have become somebody else's since the access was asked for.
      if (commit.version >= this.#last.get(stream)!) break;
    }
    return commits;
  }
}
