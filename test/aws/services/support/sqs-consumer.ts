import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { JoulekeepError } from '../../../../events/errors.ts';
import { OperationCounts } from '../../../../platform/aws/operations.ts';
import { SqsQueues } from '../../../../platform/aws/queues.ts';
import { resourceName } from '../../../../topology/names.ts';
import type { QueueSpec } from '../../../../topology/queues.ts';
import type { QueueService } from '../../../contract/queues.ts';

const CHECK_MS = 50;

/** Both sides of SQS queues: the adapter sends, and this receives as an event source mapping does. */
export class SqsConsumer implements QueueService {
  readonly #client: SQSClient;
  readonly #queues: SqsQueues;
  readonly #specs: readonly QueueSpec[];

  /** Of queues that are there. */
  constructor(client: SQSClient, stage: string, specs: readonly QueueSpec[]) {
    this.#client = client;
    this.#specs = specs;
    this.#queues = new SqsQueues({ client, stage, specs, operations: new OperationCounts() });
  }

  /** Makes the queues as the stack does. */
  static async create(client: SQSClient, stage: string, specs: readonly QueueSpec[]): Promise<SqsConsumer> {
    for (const { name, deadLetter, maxReceiveCount, visibilitySeconds } of specs) {
      const QueueUrl = (await client.send(new CreateQueueCommand({ QueueName: resourceName(stage, deadLetter) }))).QueueUrl!;
      const arn = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn.Attributes!['QueueArn'], maxReceiveCount });
      const Attributes = { RedrivePolicy, VisibilityTimeout: String(visibilitySeconds) };
      await client.send(new CreateQueueCommand({ QueueName: resourceName(stage, name), Attributes }));
    }
    return new SqsConsumer(client, stage, specs);
  }

  send(queue: string, body: string): Promise<void> {
    return this.#queues.send(queue, body);
  }

  async receive(queue: string, max: number, visibilityMs?: number) {
    const QueueUrl = await this.#urlOf(queue);
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: max,
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        ...(visibilityMs === undefined ? {} : { VisibilityTimeout: Math.ceil(visibilityMs / 1_000) }),
      }),
    );
    return Messages.map(({ MessageId, ReceiptHandle, Body, Attributes = {} }) => ({
      messageId: MessageId!,
      receipt: JSON.stringify([queue, ReceiptHandle]),
      body: Body!,
      receiveCount: Number(Attributes['ApproximateReceiveCount']),
      sentAt: Number(Attributes['SentTimestamp']),
    }));
  }

  async delete(receipts: readonly string[]): Promise<void> {
    for (const receipt of receipts) await this.#client.send(new DeleteMessageCommand(await this.#handle(receipt)));
  }

  async changeVisibility(receipt: string, visibilityMs: number): Promise<void> {
    const VisibilityTimeout = Math.ceil(visibilityMs / 1_000);
    await this.#client.send(new ChangeMessageVisibilityCommand({ ...(await this.#handle(receipt)), VisibilityTimeout }));
  }

  async depth(queue: string) {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl: await this.#urlOf(queue), AttributeNames: [...AttributeNames] });
    const { Attributes = {} } = await this.#client.send(command);
    return { visible: Number(Attributes[AttributeNames[0]]), inFlight: Number(Attributes[AttributeNames[1]]) };
  }

  async redrive(deadLetter: string): Promise<number> {
    const QueueUrl = await this.#urlOf(deadLetter);
    const { Attributes = {} } = await this.#client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const SourceArn = Attributes['QueueArn'];
    await this.#client.send(new StartMessageMoveTaskCommand({ SourceArn }));
    for (;;) {
      const { Results = [] } = await this.#client.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
      if (Results[0]?.Status !== 'RUNNING') return Results[0]?.ApproximateNumberOfMessagesMoved ?? 0;
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    }
  }

  /** Nobody is told by SQS; its own host asks. */
  onArrival(): () => void {
    return () => {};
  }

  async waitForMessage(queue: string, timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    while (Date.now() < until && (await this.depth(queue)).visible === 0) await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
  }

  async remove(): Promise<void> {
    for (const name of this.#specs.flatMap((spec) => [spec.name, spec.deadLetter]))
      await this.#client.send(new DeleteQueueCommand({ QueueUrl: await this.#urlOf(name) }));
  }

  async #handle(receipt: string) {
    const [queue, ReceiptHandle] = JSON.parse(receipt) as [string, string];
    return { QueueUrl: await this.#urlOf(queue), ReceiptHandle };
  }

  async #urlOf(queue: string): Promise<string> {
    if (!this.#specs.some(({ name, deadLetter }) => name === queue || deadLetter === queue))
      throw new JoulekeepError('ERR_QUEUE_UNKNOWN', `the topology has no queue ${queue}`);
    return await this.#queues.urlOf(queue);
  }
}
