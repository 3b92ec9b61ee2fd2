import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueSpec } from '../../topology/queues.ts';
import { queueArn } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import { DATA_KEY_MINUTES, setAsideQueue } from './set-aside-queue.ts';

export interface WorkQueueProps {
  readonly stage: Stage;
  readonly spec: QueueSpec;
  /** Of the domain whose data passes through. */
  readonly key: IKey;
}

/**
 * A queue with the one beside it for what cannot be processed, both encrypted and reached over TLS alone. Only this queue's messages
 * may come to lie there, and they can be moved back.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { stage, spec, key }: WorkQueueProps) {
    super(scope, id);
    const deadLetters = setAsideQueue(this, 'DeadLetters', stage, spec.deadLetter, key);
    this.queue = new Queue(this, 'Queue', {
      queueName: physicalName(stage, spec.name),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      dataKeyReuse: Duration.minutes(DATA_KEY_MINUTES),
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(spec.visibilitySeconds),
      retentionPeriod: Duration.days(spec.retentionDays),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: spec.maxReceiveCount },
      removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // By name: each of the two naming the other by reference would be a circle.
    (deadLetters.node.defaultChild as CfnQueue).redriveAllowPolicy = {
      redrivePermission: 'byQueue',
      sourceQueueArns: [queueArn(Stack.of(this), stage, spec.name)],
    };
  }
}
