import { CreateEventBusCommand, EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import { BILLING_TYPE } from '../../../events/catalogue/billing.ts';
import type { CloudEvent } from '../../../events/catalogue/entry.ts';
import { EventBridgeBus } from '../../../platform/aws/bus.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { SqsQueues } from '../../../platform/aws/queues.ts';
import { resourceName } from '../../../topology/names.ts';
import { QUEUES } from '../../../topology/queues.ts';
import { SUBSCRIPTIONS } from '../../../topology/subscriptions.ts';
import { freshStage, laneClient } from './support/endpoint.ts';
import { SqsConsumer } from './support/sqs-consumer.ts';

function event(id: string, type: string): CloudEvent<unknown> {
  const of = { specversion: '1.0', source: 'joulekeep/meterday', subject: 'up-1', datacontenttype: 'application/json' } as const;
  return { ...of, id, type, time: '2026-01-15T10:00:00.000Z', data: { usagePoint: 'up-1' } };
}

describe('EventBridge with the rules of topology/subscriptions.ts, an emulator', () => {
  const client = new EventBridgeClient(laneClient());
  const sqs = new SQSClient(laneClient());
  let stage: string;
  let queues: SqsConsumer;
  let bus: EventBridgeBus;

  beforeEach(async () => {
    stage = freshStage();
    const specs = QUEUES.filter(({ name }) => SUBSCRIPTIONS.some(({ queue }) => queue === name));
    queues = await SqsConsumer.create(sqs, stage, specs);
    const EventBusName = resourceName(stage);
    await client.send(new CreateEventBusCommand({ Name: EventBusName }));
    const urls = new SqsQueues({ client: sqs, stage, operations: new OperationCounts() });
    for (const { name, queue, types } of SUBSCRIPTIONS) {
      const EventPattern = JSON.stringify({ 'detail-type': types });
      await client.send(new PutRuleCommand({ Name: resourceName(stage, name), EventBusName, EventPattern }));
      const asked = new GetQueueAttributesCommand({ QueueUrl: await urls.urlOf(queue), AttributeNames: ['QueueArn'] });
      const Arn = (await sqs.send(asked)).Attributes!['QueueArn']!;
      const Targets = [{ Id: queue, Arn, InputPath: '$.detail' }];
      await client.send(new PutTargetsCommand({ Rule: resourceName(stage, name), EventBusName, Targets }));
    }
    bus = new EventBridgeBus({ client, bus: EventBusName, operations: new OperationCounts() });
  });

  it('a message is the event itself, and a type that nobody subscribed to reaches nobody', async () => {
    const { types } = SUBSCRIPTIONS.find(({ queue }) => queue === 'billing')!;
    expect(types.length).toBeGreaterThan(2);
    const known = types.map((type, i) => event(`e${i}`, type));
    await bus.publish([event('stray', 'joulekeep.nobody.anything.v1'), ...known]);
    const received: unknown[] = [];
    while (received.length < known.length) {
      await queues.waitForMessage('billing', 10_000);
      const messages = await queues.receive('billing', 10);
      if (messages.length === 0) break;
      received.push(...messages.map(({ body }) => JSON.parse(body) as unknown));
    }
    expect(received).toHaveLength(known.length);
    expect(received).toEqual(expect.arrayContaining(known));
    expect(await queues.depth('billing')).toEqual({ visible: 0, inFlight: known.length });
  });

  it('a bus that is not there is an error', async () => {
    const nowhere = new EventBridgeBus({ client, bus: resourceName(stage, 'none'), operations: new OperationCounts() });
    await expect(nowhere.publish([event('e', BILLING_TYPE.finalized)])).rejects.toMatchObject({ code: 'ERR_BUS_UNKNOWN' });
  });
});
