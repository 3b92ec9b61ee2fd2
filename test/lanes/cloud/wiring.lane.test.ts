import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { describe, expect, it } from 'vitest';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../../topology/device-access.ts';
import { PROOF } from '../proof/names.ts';
import { askCloudFormation } from '../support/emulator.ts';

const dynamo = new DynamoDBClient({});
const gateway = new IoTDataPlaneClient({});

describe('MiniStack after cdk deploy', () => {
  it('has both stacks complete', async () => {
    for (const StackName of ['joulekeep-proof-state', 'joulekeep-proof-wiring']) {
      expect(await askCloudFormation('DescribeStacks', { StackName })).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>');
    }
  });

  it('takes what a concentrator publishes through rule, queue and a function on Node 24 to the table, byte by byte', async () => {
    const payload = Buffer.from([0, 255, 128, 10, 13, 34]);
    await gateway.send(new PublishCommand({ topic: upTopic(TOPIC_RULES.telemetry, concentratorThing('dc-42')), qos: 1, payload }));
    const rows = async () => (await dynamo.send(new ScanCommand({ TableName: PROOF.landed }))).Items ?? [];
    await expect.poll(rows, { timeout: 60_000, interval: 250 }).toHaveLength(1);
    const [row] = await rows();
    expect(row?.['node']?.S).toMatch(/^v24\./);
    const message = JSON.parse(row?.['body']?.S ?? '{}');
    expect(message).toMatchObject({ dcId: 'dc-42', batch: payload.toString('base64') });
    expect(message.brokerTime).toBeGreaterThan(Date.UTC(2026, 0, 1));
  });
});
