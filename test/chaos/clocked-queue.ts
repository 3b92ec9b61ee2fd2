import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { QUEUES } from '../../topology/queues.ts';
import type { ManualClock } from '../support/memory-platform.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';

interface Waiting {
  readonly body: string;
  receives: number;
  visibleAt: number;
}

/** A queue of topology/queues.ts by a clock that the test moves: what fails is hidden for its visibility, and buried after its last receive. */
export class ClockedQueue {
  readonly dead: string[] = [];
  readonly #spec: (typeof QUEUES)[number];
  readonly #clock: ManualClock;
  readonly #handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | undefined>;
  #waiting: Waiting[] = [];

  constructor(name: string, clock: ManualClock, handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | undefined>) {
    this.#spec = QUEUES.find((spec) => spec.name === name)!;
    this.#clock = clock;
    this.#handler = handler;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  send(...bodies: readonly string[]): void {
    this.#waiting.push(...bodies.map((body) => ({ body, receives: 0, visibleAt: this.#clock.now() })));
  }

  /** Hands over everything that shows now. */
  async work(): Promise<void> {
    const { batchSize, maxReceiveCount, visibilitySeconds, name } = this.#spec;
    const now = this.#clock.now();
    const worn = (message: Waiting) => message.visibleAt <= now && message.receives >= maxReceiveCount;
    this.dead.push(...this.#waiting.filter(worn).map(({ body }) => body));
    this.#waiting = this.#waiting.filter((message) => !worn(message));
    const due = this.#waiting.filter(({ visibleAt }) => visibleAt <= now);
    for (let from = 0; from < due.length; from += batchSize) {
      const batch = due.slice(from, from + batchSize);
      for (const message of batch) {
        message.receives++;
        message.visibleAt = now + visibilitySeconds * 1000;
      }
      const bodies = batch.map(({ body }) => body);
      const response = await this.#handler(sqsEvent(name, bodies), lambdaContext(name)).catch(() => undefined);
      if (response === undefined) continue;
      const failed = new Set(failedIds(response));
      const done = new Set(batch.filter((_, i) => !failed.has(`message-${i}`)));
      this.#waiting = this.#waiting.filter((message) => !done.has(message));
    }
  }
}
