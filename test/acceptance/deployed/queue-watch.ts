import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { resourceName } from '../../../topology/names.ts';
import type { QueueSpec } from '../../../topology/queues.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const satisfies readonly string[];

/** Looks into queues from outside. */
export class QueueWatch {
  readonly #client: SQSClient;
  readonly #stage: string;
  readonly #urls = new Map<string, string>();

  constructor(client: SQSClient, stage: string) {
    this.#client = client;
    this.#stage = stage;
  }

  /** Messages there, waiting, hidden or delayed. */
  async depth(queue: string): Promise<number> {
    const attributes = await this.#attributes(queue, COUNTS);
    return COUNTS.reduce((sum, name) => sum + Number(attributes[name]), 0);
  }

  /** Bodies of what lies in a queue, oldest first. Takes them: they are hidden for a while. */
  async take(queue: string): Promise<string[]> {
    const QueueUrl = await this.#urlOf(queue);
    const found: { body: string; sentAt: number }[] = [];
    for (;;) {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['SentTimestamp'],
        WaitTimeSeconds: 1,
      });
      const { Messages = [] } = await this.#client.send(command);
      if (Messages.length === 0) break;
      for (const { Body, Attributes } of Messages) found.push({ body: Body!, sentAt: Number(Attributes?.['SentTimestamp']) });
    }
    return found.sort((a, b) => a.sentAt - b.sentAt).map(({ body }) => body);
  }

  /** Sets what leads poison to the dead letters, where an emulator's CloudFormation drops it. @param seconds a message is hidden */
  async redrive({ name, deadLetter, maxReceiveCount }: QueueSpec, seconds: number): Promise<void> {
    const { QueueArn } = await this.#attributes(deadLetter, ['QueueArn']);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount });
    const Attributes = { RedrivePolicy, VisibilityTimeout: String(seconds) };
    await this.#client.send(new SetQueueAttributesCommand({ QueueUrl: await this.#urlOf(name), Attributes }));
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
