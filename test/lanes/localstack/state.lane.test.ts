import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { askCloudFormation, askJson } from '../proof/emulator.ts';
import { PROOF } from '../proof/names.ts';

const [kms, dynamo, sqs, s3, events] = [
  new KMSClient({}),
  new DynamoDBClient({}),
  new SQSClient({}),
  new S3Client({ forcePathStyle: true }),
  new EventBridgeClient({}),
];

async function queueUrl(): Promise<string> {
  return (await sqs.send(new GetQueueUrlCommand({ QueueName: PROOF.queue }))).QueueUrl!;
}

describe('LocalStack without Docker, after cdk deploy', () => {
  it('has the stack complete', async () => {
    expect(await askCloudFormation('DescribeStacks', { StackName: 'joulekeep-proof-state' })).toContain(
      '<StackStatus>CREATE_COMPLETE</StackStatus>',
    );
  });

  it('opens a data key in its own context only, and no tampered one', async () => {
    const EncryptionContext = { stream: 'segment/1' };
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: PROOF.key, KeySpec: 'AES_256', EncryptionContext }));
    const CiphertextBlob = made.CiphertextBlob!;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(Buffer.from(opened.Plaintext!)).toEqual(Buffer.from(made.Plaintext!));
    const elsewhere = kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { stream: 'segment/2' } }));
    await expect(elsewhere).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    const tampered = Uint8Array.from(CiphertextBlob, (byte, at) => (at === CiphertextBlob.length - 1 ? byte ^ 1 : byte));
    const broken = kms.send(new DecryptCommand({ CiphertextBlob: tampered, EncryptionContext }));
    await expect(broken).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('has the table with its stream, its key and its time to live, and says who won a conditional put', async () => {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: PROOF.table }));
    expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' });
    expect(Table?.SSEDescription?.SSEType).toBe('KMS');
    const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName: PROOF.table }));
    expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' });
    const put = (who: string) =>
      dynamo.send(
        new PutItemCommand({
          TableName: PROOF.table,
          Item: { pk: { S: 'segment/1' }, sk: { N: '1' }, who: { S: who } },
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
    await put('first');
    await expect(put('second')).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { who: { S: 'first' } } });
  });

  it('sends poison from the queue to its dead letters', async () => {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: await queueUrl(), AttributeNames: ['All'] }));
    const redrive = JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}');
    expect(redrive).toMatchObject({ maxReceiveCount: 3, deadLetterTargetArn: expect.stringMatching(new RegExp(`:${PROOF.deadLetter}$`)) });
  });

  it('takes an event by its rule to the queue, and no other event', async () => {
    const entry = { EventBusName: PROOF.bus, Source: 'joulekeep' };
    const other = { ...entry, DetailType: 'AnotherType', Detail: '{"wrong":true}' };
    const wanted = { ...entry, DetailType: 'DayFinal', Detail: '{"meterId":"1"}' };
    expect((await events.send(new PutEventsCommand({ Entries: [other, wanted] }))).FailedEntryCount).toBe(0);
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: await queueUrl(), WaitTimeSeconds: 10, MaxNumberOfMessages: 10 }),
    );
    expect(received.Messages?.map(({ Body }) => JSON.parse(Body!))).toEqual([{ meterId: '1' }]);
  });

  it('keeps objects', async () => {
    await s3.send(new PutObjectCommand({ Bucket: PROOF.bucket, Key: 'a/b', Body: 'body' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: PROOF.bucket, Key: 'a/b' }));
    expect(await Body?.transformToString()).toBe('body');
  });

  it('tells names through parameters', async () => {
    expect(await askJson('ssm', 'AmazonSSM.GetParameter', { Name: PROOF.parameter })).toMatchObject({ Parameter: { Value: PROOF.table } });
  });
});
