import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { BILLING_QUEUE } from '../../events/catalogue/billing.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { openDays } from '../shared/day-streams.ts';
import { byStream, type FeedRecord, failures, feedRecords } from '../shared/feed-records.ts';
import { billingEvents } from './billing-events.ts';

/** A failed send is tried again so often before its record is handed back to the feed. */
const SENDS = 3;

/**
 * Facts of meter days into integration events. Records are taken in the order of the feed, and nothing behind one that failed
 * is sent: when the feed goes back to it, what was sent before is not sent again, and no usage point is told out of order.
 */
export class RelayWorker {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  async take(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
    const records = feedRecords(event);
    if (records.length === 0) return { batchItemFailures: [] };
    const access = await openDays(this.#platform, 'billing', records);
    const commits = new CommitsOf(this.#platform, access, records);
    for (const record of records) {
      try {
        await this.#tell(record, await commits.upTo(record));
      } catch (fault) {
        return failures(this.#platform.log, new Map([[record, fault]]));
      }
    }
    return { batchItemFailures: [] };
  }

  async #tell({ version }: FeedRecord, commits: readonly RecordedCommit[]): Promise<void> {
    for (const told of billingEvents(commits, version)) await this.#send(JSON.stringify(told));
  }

  async #send(body: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#platform.queues.send(BILLING_QUEUE, body);
        return;
      } catch (error) {
        if (attempt === SENDS) throw error;
      }
    }
  }
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
      if (commit.version > this.#last.get(stream)!) break;
      commits.push(commit);
    }
    return commits;
  }
}
