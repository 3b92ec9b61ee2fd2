import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetBucketVersioningCommand, GetPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { SERVICE_KEYS, TOLD } from '../../../lib/names.ts';
import { AUDIENCE_QUEUE_SPECS, DEVICE_QUEUES } from '../../../lib/owned-queues.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { SqsQueues } from '../../../platform/aws/queues.ts';
import { DEPLOYED } from '../../../tools/lanes/stacks.ts';
import { keyAlias, resourceName } from '../../../topology/names.ts';
import { SUBSCRIPTIONS } from '../../../topology/subscriptions.ts';
import { TABLES } from '../../../topology/tables.ts';
import { laneClient } from '../../aws/services/support/endpoint.ts';
import { askCloudFormation, askJson } from '../support/emulator.ts';

const STAGE = 'dev';
const ACCOUNT = '000000000000';
const kms = new KMSClient(laneClient());
const dynamo = new DynamoDBClient(laneClient());
const sqs = new SQSClient(laneClient());
const s3 = new S3Client({ ...laneClient(), forcePathStyle: true });
const bus = new EventBridgeClient(laneClient());

const USAGES = {
  'encrypt-decrypt': ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  'key-agreement': ['ECC_NIST_P256', 'KEY_AGREEMENT'],
  'sign-verify': ['ECC_NIST_P256', 'SIGN_VERIFY'],
  mac: ['HMAC_256', 'GENERATE_VERIFY_MAC'],
} as const;

async function attributesOf(queue: string): Promise<Readonly<Record<string, string>>> {
  const queues = new SqsQueues({ client: sqs, stage: STAGE, operations: new OperationCounts() });
  const asked = new GetQueueAttributesCommand({ QueueUrl: await queues.urlOf(queue), AttributeNames: ['All'] });
  return (await sqs.send(asked)).Attributes!;
}

async function told(what: string): Promise<string> {
  const answer = await askJson('ssm', 'AmazonSSM.GetParameter', { Name: `/joulekeep/${STAGE}/${what}` });
  return (answer as { Parameter: { Value: string } }).Parameter.Value;
}

describe('LocalStack without Docker, after cdk deploy', () => {
  it.each(DEPLOYED.localstack)('stack %s is there, complete', async (stack) => {
    const answer = await askCloudFormation('DescribeStacks', { StackName: resourceName(STAGE, stack) });
    expect(answer).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>');
  });

  it.each(SERVICE_KEYS)('key $id has its alias, and what it is for', async ({ id, usage }) => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyAlias(STAGE, id) }));
    expect([KeyMetadata?.KeySpec, KeyMetadata?.KeyUsage, KeyMetadata?.KeyState]).toEqual([...USAGES[usage], 'Enabled']);
    if (usage === 'encrypt-decrypt') expect(await told(TOLD.key(id))).toBe(KeyMetadata?.Arn);
  });

  it.each(TABLES)(
    'table $name has its keys, its stream, its time to live and a key of the service',
    async ({ name, changes, expires, index }) => {
      const TableName = resourceName(STAGE, name);
      const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
      expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual(['pk', 'sk']);
      expect(Table?.SSEDescription?.SSEType).toBe('KMS');
      expect(Table?.StreamSpecification?.StreamViewType).toBe(changes === 'none' ? undefined : 'NEW_IMAGE');
      if (changes !== 'none') expect(await told(TOLD.changes(name))).toBe(Table?.LatestStreamArn);
      expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(index === undefined ? undefined : [index.name]);
      const { TimeToLiveDescription: life } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
      expect(life?.AttributeName).toBe(expires ? 'expiresAt' : undefined);
    },
  );

  it.each([...DEVICE_QUEUES, ...AUDIENCE_QUEUE_SPECS])('queue $name has its dead letters, and encrypts', async (spec) => {
    const attributes = await attributesOf(spec.name);
    const redrive = JSON.parse(attributes['RedrivePolicy']!) as { deadLetterTargetArn: string; maxReceiveCount: number };
    expect(redrive.deadLetterTargetArn.split(':').at(-1)).toBe(resourceName(STAGE, spec.deadLetter));
    expect(Number(redrive.maxReceiveCount)).toBe(spec.maxReceiveCount);
    expect(Number(attributes['VisibilityTimeout'])).toBe(spec.visibilitySeconds);
    expect(Number(attributes['MessageRetentionPeriod'])).toBe(spec.retentionDays * 86_400);
    expect(attributes['KmsMasterKeyId']).toMatch(/./);
    expect((await attributesOf(spec.deadLetter))['KmsMasterKeyId']).toMatch(/./);
  });

  it.each(SUBSCRIPTIONS)('the bus tells $queue what it subscribed to, and no more', async ({ queue, types }) => {
    const EventBusName = resourceName(STAGE);
    const { Rules = [] } = await bus.send(new ListRulesCommand({ EventBusName }));
    const aimed = await Promise.all(
      Rules.map(async ({ Name, EventPattern }) => {
        const { Targets = [] } = await bus.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName }));
        return Targets.map((target) => ({ ...target, pattern: JSON.parse(EventPattern!) as unknown }));
      }),
    );
    const targets = aimed.flat().filter(({ Arn }) => Arn?.endsWith(`:${resourceName(STAGE, queue)}`));
    expect(targets).toHaveLength(1);
    expect(targets[0]).toMatchObject({ pattern: { 'detail-type': types }, InputPath: '$.detail' });
    expect(targets[0]?.DeadLetterConfig?.Arn).toMatch(/./);
  });

  it.each(['objects', 'undelivered', 'access-logs'])('nobody else has a way into bucket %s', async (what) => {
    const Bucket = `${resourceName(STAGE, what)}-${ACCOUNT}-eu-central-1`;
    const { PublicAccessBlockConfiguration: block } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(block).toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    if (what === 'objects') expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  });
});
