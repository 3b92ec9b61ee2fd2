import { join } from 'node:path';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { FeedFile } from '../../platform/embedded/host/feed-file.ts';
import { EmbeddedHost, type HostHandlers, type HostOptions } from '../../platform/embedded/host/host.ts';
import { EmbeddedQueues } from '../../platform/embedded/queues.ts';
import type { FeedSpec } from '../../topology/feeds.ts';
import { FAILED_POSITIONS } from '../../topology/queues.ts';
import { commitOf } from '../contract/support/events.ts';
import { discard, newState, type TestState } from '../contract/support/state.ts';
import { SILENT } from './gateway-fixture.ts';

export const SPEC: FeedSpec = {
  name: 'readers',
  function: 'consume',
  streams: ['segment/'],
  batchSize: 5,
  parallelization: 1,
  maxRetries: 2,
  patienceHours: 6,
  timeoutSeconds: 10,
  onFailure: FAILED_POSITIONS,
};
export const DONE: DynamoDBBatchResponse = { batchItemFailures: [] };

/** A store with a feed of its commits, and a host that hands them over when it is told to. */
export class FeedWorld {
  readonly state: TestState;
  readonly queues: EmbeddedQueues;
  readonly cursors: FeedFile;
  host: EmbeddedHost | undefined;

  private constructor(state: TestState) {
    this.state = state;
    this.queues = new EmbeddedQueues(join(state.directory, 'queues.db'));
    this.cursors = new FeedFile(join(state.directory, 'feeds.db'));
  }

  static async open(): Promise<FeedWorld> {
    return new FeedWorld(await newState());
  }

  async close(): Promise<void> {
    await this.host?.stop();
    this.cursors.close();
    this.queues.close();
    this.state.close();
    discard(this.state.directory);
  }

  async start(handlers: HostHandlers['feeds'], spec: Partial<FeedSpec> = {}, options: Partial<HostOptions> = {}): Promise<void> {
    const { queues, state, cursors } = this;
    const changes = { events: state.database, cursors };
    const feeds = [{ ...SPEC, ...spec }];
    this.host = new EmbeddedHost({ queues, changes, clock: state.clock, log: SILENT, feeds, retryMs: 1, timer: false, ...options });
    await this.host.start({ queues: {}, feeds: handlers ?? {} });
  }

  /** Appends commits of two events to streams, one after the other. */
  async append(...streams: string[]): Promise<void> {
    const store = this.state.store('ingest');
    for (const stream of streams) await store.append(await store.head(stream), commitOf(`${stream}`, 2)).durable;
  }

  async setAside(): Promise<unknown[]> {
    return (await this.queues.receive(FAILED_POSITIONS, 10, 0)).map(({ body }) => JSON.parse(body) as unknown);
  }
}

/** `stream@version` of a record. */
export function nameOf({ dynamodb }: DynamoDBRecord): string {
  return `${dynamodb!.Keys!['pk']!.S}@${dynamodb!.Keys!['sk']!.N}`;
}

export function failed(record: DynamoDBRecord): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: record.dynamodb!.SequenceNumber! }] };
}
