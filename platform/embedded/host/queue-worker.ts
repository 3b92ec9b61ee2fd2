import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { codeOf, JoulekeepError } from '../../../events/errors.ts';
import type { QueueSpec } from '../../../topology/queues.ts';
import type { Log } from '../../ports/platform.ts';
import type { EmbeddedQueues, ReceivedMessage } from '../queues.ts';
import { lambdaContext } from './lambda-context.ts';
import { failedReceipts, sqsEvent } from './sqs-event.ts';

/** What makes a queue's handler of lambdas/ fit. */
export type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | undefined>;

/** A queue's visibility is at least six times its function's timeout. */
const TIMEOUTS_PER_VISIBILITY = 6;
const LONG_POLL_MS = 1_000;

export interface QueueWorkerParts {
  readonly queues: EmbeddedQueues;
  readonly spec: QueueSpec;
  readonly handler: QueueHandler;
  readonly log: Log;
  /** Real ms after which a failed message shows again; undefined = when its visibility ends, as on AWS. */
  readonly retryMs: number | undefined;
}

/**
 * The event source mapping of one queue: receives batches, invokes the handler with at most so many at a time, deletes
 * what was handled. A handler that throws, or takes longer than its timeout, failed for the whole batch.
 */
export class QueueWorker {
  readonly #parts: QueueWorkerParts;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #loops: Promise<void>[];
  #stopping = false;
  #busy = 0;
  #batches = 0;

  constructor(parts: QueueWorkerParts) {
    this.#parts = parts;
    this.#loops = Array.from({ length: parts.spec.concurrency }, () => this.#run());
  }

  /** Batches handed over so far. */
  get batches(): number {
    return this.#batches;
  }

  /** Nothing in the queue and no handler at work. */
  async isIdle(): Promise<boolean> {
    const { visible, inFlight } = await this.#parts.queues.depth(this.#parts.spec.name);
    return this.#busy === 0 && visible + inFlight === 0;
  }

  /** Receives no more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopped.resolve();
    await Promise.all(this.#loops);
  }

  async #run(): Promise<void> {
    const { queues, spec, log } = this.#parts;
    while (!this.#stopping) {
      try {
        if (await this.#busily(() => this.#takeBatch())) continue;
        await Promise.race([queues.waitForMessage(spec.name, LONG_POLL_MS), this.#stopped.promise]);
      } catch (error) {
        log.error('queue worker failed', { queue: spec.name, code: codeOf(error) });
        await Promise.race([new Promise((resolve) => setTimeout(resolve, LONG_POLL_MS)), this.#stopped.promise]);
      }
    }
  }

  async #busily<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
    }
  }

  /** @returns whether there was any */
  async #takeBatch(): Promise<boolean> {
    const { queues, spec, retryMs } = this.#parts;
    const messages = await queues.receive(spec.name, spec.batchSize);
    if (messages.length === 0) return false;
    this.#batches++;
    const failed = await this.#invoke(messages);
    await queues.delete(messages.map(({ receipt }) => receipt).filter((receipt) => !failed.has(receipt)));
    if (retryMs !== undefined) for (const receipt of failed) await queues.changeVisibility(receipt, retryMs);
    return true;
  }

  /** @returns receipts of the messages that were not handled */
  async #invoke(messages: readonly ReceivedMessage[]): Promise<ReadonlySet<string>> {
    const { spec, handler, log } = this.#parts;
    const timeoutMs = (spec.visibilitySeconds * 1_000) / TIMEOUTS_PER_VISIBILITY;
    const context = lambdaContext(spec.name, timeoutMs);
    try {
      const response = await within(timeoutMs, handler(sqsEvent(spec.name, messages), context));
      return failedReceipts(messages, response);
    } catch (error) {
      log.error('handler failed', { queue: spec.name, code: codeOf(error), count: messages.length, requestId: context.awsRequestId });
      return new Set(messages.map(({ receipt }) => receipt));
    }
  }
}

/** @throws ERR_HANDLER_TIMEOUT; unlike Lambda, this can't end what still runs */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new JoulekeepError('ERR_HANDLER_TIMEOUT', `over ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
