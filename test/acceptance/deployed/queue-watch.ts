import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { FUNCTIONS } from '../../../topology/functions.ts';
import { resourceName } from '../../../topology/names.ts';
import { QUEUES, type QueueSpec } from '../../../topology/queues.ts';

const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** Queues that functions receive from. */
const RECEIVED = QUEUES.filter(({ name }) => FUNCTIONS.some(({ trigger }) => trigger.kind === 'queue' && trigger.queues.includes(name)));

/** Looks into queues from outside, as an administrator could. */
export class QueueWatch {
  readonly #client: SQSClient;
  readonly #stage: string;
  readonly #urls = new Map<string, string>();

  constructor(client: SQSClient, stage: string) {
    this.#client = client;
    this.#stage = stage;
  }

  /** Whether nothing waits for a function, is with one, or is hidden. */
  async isEmpty(): Promise<boolean> {
    for (const { name } of RECEIVED) if ((await this.#depth(name)) > 0) return false;
    return true;
  }

  async put(queue: string, body: string): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: await this.#urlOf(queue), MessageBody: body }));
  }

  /** Bodies of what lies in a queue, oldest first. They stay there. */
  async look(queue: string): Promise<string[]> {
    const QueueUrl = await this.#urlOf(queue);
    const found: Message[] = [];
    for (;;) {
      const asked = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({ ...asked, MessageSystemAttributeNames: ['SentTimestamp'] }),
      );
      if (Messages.length === 0) break;
      found.push(...Messages);
    }
    for (const { ReceiptHandle } of found)
      await this.#client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    return found.toSorted((a, b) => sentAt(a) - sentAt(b)).map(({ Body }) => Body!);
  }

  /** What leads poison to the dead letters. @param seconds a message that was received is hidden */
  async redrive({ name, deadLetter, maxReceiveCount }: QueueSpec, seconds: number): Promise<void> {
    const { QueueArn } = await this.#attributes(deadLetter, ['QueueArn']);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount });
    const Attributes = { RedrivePolicy, VisibilityTimeout: String(seconds) };
    await this.#client.send(new SetQueueAttributesCommand({ QueueUrl: await this.#urlOf(name), Attributes }));
  }

  async #depth(queue: string): Promise<number> {
    const attributes = await this.#attributes(queue, COUNTS);
    return COUNTS.reduce((sum, name) => sum + Number(attributes[name]), 0);
  }

  async #attributes(queue: string, names: readonly (typeof COUNTS)[number][] | readonly ['QueueArn']): Promise<Record<string, string>> {
    const QueueUrl = await this.#urlOf(queue);
    const { Attributes = {} } = await this.#client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
    return Attributes;
  }

  async #urlOf(queue: string): Promise<string> {
    const known = this.#urls.get(queue);
    if (known !== undefined) return known;
    const { QueueUrl } = await this.#client.send(new GetQueueUrlCommand({ QueueName: resourceName(this.#stage, queue) }));
    this.#urls.set(queue, QueueUrl!);
    return QueueUrl!;
  }
}

function sentAt({ Attributes }: Message): number {
  return Number(Attributes?.['SentTimestamp']);
}
