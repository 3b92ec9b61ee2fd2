import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { SqsQueues } from '../../../platform/aws/queues.ts';
import { QUEUES } from '../../../topology/queues.ts';
import { fault } from './support/fake-client.ts';

describe('requests to SQS', () => {
  const client = new SQSClient({ region: 'eu-central-1' });
  const mock = mockClient(client);
  let operations: OperationCounts;
  let queues: SqsQueues;

  beforeEach(() => {
    mock.reset();
    mock.on(GetQueueUrlCommand).callsFake(({ QueueName }: { QueueName: string }) => ({ QueueUrl: `https://queue/${QueueName}` }));
    mock.on(SendMessageCommand).resolves({});
    operations = new OperationCounts();
    queues = new SqsQueues({ client, stage: 'dev', operations });
  });
  const counted = () => operations.snapshot().get('sqs.request');

  it('a queue is found by its name once, also by many at a time', async () => {
    await Promise.all(['a', 'b', 'c'].map((body) => queues.send('service', body)));
    await queues.send('service', 'd');
    expect(mock.commandCalls(GetQueueUrlCommand).map(({ args }) => args[0].input)).toEqual([{ QueueName: 'joulekeep-dev-service' }]);
    const QueueUrl = 'https://queue/joulekeep-dev-service';
    const sent = mock.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
    expect(sent).toEqual(['a', 'b', 'c', 'd'].map((MessageBody) => ({ QueueUrl, MessageBody })));
    expect(counted()).toEqual({ calls: 5, units: 5 });
  });

  it('how much lies in each queue is asked for, and no message is seen', async () => {
    mock.on(GetQueueAttributesCommand).callsFake(({ QueueUrl }: { QueueUrl: string }) => ({
      Attributes: QueueUrl.endsWith('-billing')
        ? { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '2' }
        : { ApproximateNumberOfMessages: QueueUrl.endsWith('-service-dlq') ? '1' : '0' },
    }));
    const standing = await queues.standing();
    expect(standing.map(({ queue }) => queue)).toEqual(QUEUES.map(({ name }) => name));
    expect(standing.filter(({ waiting, failed }) => waiting + failed > 0)).toEqual([
      { queue: 'service', waiting: 0, failed: 1 },
      { queue: 'billing', waiting: 5, failed: 0 },
    ]);
    expect(mock.calls().every(({ args }) => args[0] instanceof GetQueueUrlCommand || args[0] instanceof GetQueueAttributesCommand)).toBe(
      true,
    );
    expect(counted()?.calls).toBe(4 * QUEUES.length);
  });

  it('a look-up that failed is made again', async () => {
    mock.on(GetQueueUrlCommand).rejectsOnce(fault('ThrottlingException')).resolves({ QueueUrl: 'https://queue/x' });
    await expect(queues.send('service', 'a')).rejects.toMatchObject({ code: 'ERR_SQS_THROTTLED', retryable: true });
    await queues.send('service', 'a');
    expect(mock.commandCalls(SendMessageCommand).length).toBe(1);
  });

  it('a message is billed by 64 KB begun, and one over 256 KiB costs nothing', async () => {
    await queues.send('service', 'x'.repeat(65_536));
    await queues.send('service', 'x'.repeat(65_537));
    await queues.send('service', 'x'.repeat(262_144));
    expect(counted()).toEqual({ calls: 4, units: 1 + 1 + 2 + 4 });
    await expect(queues.send('service', 'ü'.repeat(131_073))).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE' });
    expect(counted()?.calls).toBe(4);
  });

  it('a queue that is not of the topology, or not deployed, is unknown', async () => {
    await expect(queues.send('none', 'a')).rejects.toMatchObject({ code: 'ERR_QUEUE_UNKNOWN' });
    expect(mock.calls()).toEqual([]);
    mock.on(GetQueueUrlCommand).rejects(fault('QueueDoesNotExist'));
    await expect(queues.send('service-dlq', 'a')).rejects.toMatchObject({ code: 'ERR_QUEUE_UNKNOWN', retryable: false });
  });

  it('a send that the service refuses is told in our words', async () => {
    mock.on(SendMessageCommand).rejects(fault('KmsAccessDenied', 403));
    await expect(queues.send('service', 'a')).rejects.toMatchObject({ code: 'ERR_SQS_ACCESS_DENIED', retryable: false });
    mock.on(SendMessageCommand).rejects(fault('InternalFailure', 500));
    await expect(queues.send('service', 'a')).rejects.toMatchObject({ code: 'ERR_SQS_UNAVAILABLE', retryable: true });
  });
});
