import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { PROOF } from './names.ts';

/** Keys, a table with stream, time to live and key of its own, a queue with its dead letters, a bucket, a bus with a rule, a parameter. */
export class StateStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const removalPolicy = RemovalPolicy.DESTROY;
    const key = new Key(this, 'Key', { alias: PROOF.key, enableKeyRotation: true, removalPolicy });
    new TableV2(this, 'Table', {
      tableName: PROOF.table,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.NUMBER },
      billing: Billing.onDemand(),
      timeToLiveAttribute: 'expiresAt',
      dynamoStream: StreamViewType.NEW_IMAGE,
      encryption: TableEncryptionV2.customerManagedKey(key),
      removalPolicy,
    });
    const encryption = { encryption: QueueEncryption.KMS, encryptionMasterKey: key };
    const deadLetters = new Queue(this, 'DeadLetters', { queueName: PROOF.deadLetter, ...encryption });
    const queue = new Queue(this, 'Queue', {
      queueName: PROOF.queue,
      ...encryption,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
    });
    new Bucket(this, 'Bucket', {
      bucketName: PROOF.bucket,
      versioned: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy,
    });
    const eventBus = new EventBus(this, 'Bus', { eventBusName: PROOF.bus });
    new Rule(this, 'Rule', {
      eventBus,
      eventPattern: { source: ['joulekeep'], detailType: ['DayFinal'] },
      targets: [new SqsQueue(queue, { message: RuleTargetInput.fromEventPath('$.detail') })],
    });
    new StringParameter(this, 'TableName', { parameterName: PROOF.parameter, stringValue: PROOF.table });
  }
}
