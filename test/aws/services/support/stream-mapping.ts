import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { FeedFunction } from '../../../../platform/aws/patient-feed.ts';
import { lambdaContext } from '../../../support/sqs.ts';

type Records = DynamoDBStreamEvent['Records'];

/**
 * One shard of an event source mapping as AWS documents it: a batch that fails as a whole is halved, one that names records goes back to the first of
 * them, and nothing behind is handed over before.
 */
export class StreamMapping {
  /** Invocations so far. */
  invoked = 0;
  readonly #function: FeedFunction;
  readonly #remainingMs: number;
  #waiting: Records = [];
  #size: number;
  readonly #batchSize: number;

  constructor(follows: FeedFunction, batchSize = 100, remainingMs = 60_000) {
    this.#function = follows;
    this.#batchSize = batchSize;
    this.#size = batchSize;
    this.#remainingMs = remainingMs;
  }

  add({ Records }: DynamoDBStreamEvent): void {
    this.#waiting.push(...Records);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** So many invocations at most. */
  async run(most: number): Promise<void> {
    for (let i = 0; i < most && this.#waiting.length > 0; i++) await this.#invoke();
  }

  async #invoke(): Promise<void> {
    this.invoked++;
    const batch = this.#waiting.slice(0, this.#size);
    const context = { ...lambdaContext('feed'), getRemainingTimeInMillis: () => this.#remainingMs };
    try {
      const response = await this.#function({ Records: batch }, context);
      const named = (response?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
        batch.findIndex(({ dynamodb }) => dynamodb!.SequenceNumber === itemIdentifier),
      );
      this.#waiting.splice(0, Math.min(batch.length, ...named));
      this.#size = this.#batchSize;
    } catch {
      this.#size = Math.max(1, Math.ceil(batch.length / 2));
    }
  }
}
