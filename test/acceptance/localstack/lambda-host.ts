import { setTimeout } from 'node:timers/promises';
import type { DynamoDBRecord } from 'aws-lambda';
import type { FeedHandler } from '../../../platform/embedded/host/feed-shard.ts';
import { lambdaContext } from '../../../platform/embedded/host/lambda-context.ts';
import type { QueueHandler } from '../../../platform/embedded/host/queue-worker.ts';
import { failedReceipts, sqsEvent } from '../../../platform/embedded/host/sqs-event.ts';
import { FEEDS, type FeedSpec } from '../../../topology/feeds.ts';
import { QUEUES, type QueueSpec } from '../../../topology/queues.ts';
import { type ChangeStream, filtered } from '../../aws/dynamo/change-stream.ts';
import type { SqsConsumer } from '../../aws/services/support/sqs-consumer.ts';

const TIMEOUT_MS = 60_000;
const LOOK_AGAIN_MS = 50;

export interface LambdaHostParts {
  readonly queues: SqsConsumer;
  readonly changes: ChangeStream;
  /** By name of the queue. */
  readonly queueHandlers: Readonly<Record<string, QueueHandler>>;
  /** By name of the function. */
  readonly feedHandlers: Readonly<Record<string, FeedHandler>>;
  /** Ids of events that the bus took and that a queue subscribed to; the host takes out those that arrive. */
  readonly underway: Set<string>;
}

/** Event source mappings in this process: takes messages and changes to the handlers, as the events that AWS makes of them. */
export class LambdaHost {
  readonly #parts: LambdaHostParts;

  constructor(parts: LambdaHostParts) {
    this.#parts = parts;
  }

  /** Works until nothing is left and nothing is on its way. @throws when the bus keeps an event back, or a feed fails */
  async drain(): Promise<void> {
    const { underway } = this.#parts;
    const deadline = Date.now() + TIMEOUT_MS;
    while ((await this.#work()) || underway.size > 0) {
      if (Date.now() > deadline) throw new Error(`not drained in ${TIMEOUT_MS / 1000} s; on the bus: ${[...underway].join(', ')}`);
      if (underway.size > 0) await setTimeout(LOOK_AGAIN_MS);
    }
  }

  /** @returns whether there was any */
  async #work(): Promise<boolean> {
    let any = false;
    for (const spec of QUEUES) {
      const handler = this.#parts.queueHandlers[spec.name];
      while (handler !== undefined && (await this.#takeBatch(spec, handler))) any = true;
    }
    const records = await this.#parts.changes.next();
    for (const feed of FEEDS) await this.#tell(feed, filtered(records, feed.streams));
    return any || records.length > 0;
  }

  /** What failed shows again at once, so that its tries are over soon. */
  async #takeBatch(spec: QueueSpec, handler: QueueHandler): Promise<boolean> {
    const { queues, underway } = this.#parts;
    const messages = await queues.receive(spec.name, spec.batchSize);
    if (messages.length === 0) return false;
    for (const { body } of messages) underway.delete(idOf(body));
    const response = await handler(sqsEvent(spec.name, messages), lambdaContext(spec.name, TIMEOUT_MS));
    const failed = failedReceipts(messages, response);
    await queues.delete(messages.map(({ receipt }) => receipt).filter((receipt) => !failed.has(receipt)));
    for (const receipt of failed) await queues.changeVisibility(receipt, 0);
    return true;
  }

  async #tell(feed: FeedSpec, records: readonly DynamoDBRecord[]): Promise<void> {
    const handler = this.#parts.feedHandlers[feed.function]!;
    for (let from = 0; from < records.length; from += feed.batchSize) {
      const event = { Records: records.slice(from, from + feed.batchSize) };
      const response = await handler(event, lambdaContext(feed.function, TIMEOUT_MS));
      const failures = response?.batchItemFailures ?? [];
      if (failures.length > 0) throw new Error(`${feed.name} failed at ${failures.map(({ itemIdentifier }) => itemIdentifier).join(', ')}`);
    }
  }
}

function idOf(body: string): string {
  try {
    return (JSON.parse(body) as { id?: string }).id ?? '';
  } catch {
    return '';
  }
}
