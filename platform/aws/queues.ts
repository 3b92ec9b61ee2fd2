import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { JoulekeepError } from '../../events/errors.ts';
import { resourceName } from '../../topology/names.ts';
import { MESSAGE_LIMIT, QUEUES, type QueueSpec } from '../../topology/queues.ts';
import type { QueueStanding, Queues } from '../ports/platform.ts';
import type { OperationCounts } from './operations.ts';
import { isNamed, serviceError } from './service-errors.ts';

/** A message is billed once for each so many bytes begun. */
const BILLED_BYTES = 65_536;

export interface QueueParts {
  readonly client: SQSClient;
  readonly stage: string;
  readonly operations: OperationCounts;
  /** Default: topology/queues.ts. */
  readonly specs?: readonly QueueSpec[];
}

/** The sending side of SQS queues; what receives is the event source mapping. */
export class SqsQueues implements Queues {
  readonly #parts: QueueParts;
  readonly #names: ReadonlySet<string>;
  readonly #specs: readonly QueueSpec[];
  readonly #urls = new Map<string, Promise<string>>();

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#specs = parts.specs ?? QUEUES;
    this.#names = new Set(this.#specs.flatMap(({ name, deadLetter }) => [name, deadLetter]));
  }

  /** @throws ERR_QUEUE_UNKNOWN, ERR_MESSAGE_TOO_LARGE over 256 KiB */
  async send(queue: string, body: string): Promise<void> {
    if (!this.#names.has(queue)) throw new JoulekeepError('ERR_QUEUE_UNKNOWN', `the topology has no queue ${queue}`);
    const bytes = Buffer.byteLength(body);
    if (bytes > MESSAGE_LIMIT) throw new JoulekeepError('ERR_MESSAGE_TOO_LARGE', `a message has at most ${MESSAGE_LIMIT} bytes`);
    const QueueUrl = await this.urlOf(queue);
    await this.#call(Math.max(1, Math.ceil(bytes / BILLED_BYTES)), () =>
      this.#parts.client.send(new SendMessageCommand({ QueueUrl, MessageBody: body })),
    );
  }

  async standing(): Promise<readonly QueueStanding[]> {
    return await Promise.all(
      this.#specs.map(async ({ name, deadLetter }) => {
        const [waiting, failed] = await Promise.all([this.#countOf(name), this.#countOf(deadLetter)]);
        return { queue: name, waiting, failed };
      }),
    );
  }

  /** Looked up once. @throws ERR_QUEUE_UNKNOWN when it is not deployed */
  urlOf(queue: string): Promise<string> {
    const known = this.#urls.get(queue);
    if (known !== undefined) return known;
    const asked = this.#lookUp(queue);
    this.#urls.set(queue, asked);
    asked.catch(() => this.#urls.delete(queue));
    return asked;
  }

  /** As the service knows it: about, and some seconds old. */
  async #countOf(queue: string): Promise<number> {
    const QueueUrl = await this.urlOf(queue);
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
    const { Attributes } = await this.#call(1, () => this.#parts.client.send(command));
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
  }

  async #lookUp(queue: string): Promise<string> {
    const QueueName = resourceName(this.#parts.stage, queue);
    const { QueueUrl } = await this.#call(1, () => this.#parts.client.send(new GetQueueUrlCommand({ QueueName })));
    return QueueUrl!;
  }

  async #call<Answer>(units: number, call: () => Promise<Answer>): Promise<Answer> {
    this.#parts.operations.count('sqs.request', units);
    try {
      return await call();
    } catch (error) {
      if (isNamed(error, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'))
        throw new JoulekeepError('ERR_QUEUE_UNKNOWN', 'the queue is not deployed', { cause: error });
      throw serviceError('SQS', error);
    }
  }
}
