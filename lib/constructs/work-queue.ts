import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueSpec } from '../../topology/queues.ts';
import { queueArn } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';

export interface WorkQueueProps {
  readonly stage: Stage;
  readonly spec: Pick<QueueSpec, 'name' | 'deadLetter' | 'maxReceiveCount' | 'visibilitySeconds' | 'retentionDays'>;
  /** Of the domain whose data passes through. */
  readonly key: IKey;
}

/** The service allows no longer, and what lies here waits for people. */
const DEAD_LETTER_DAYS = 14;
/** A data key serves so long: fewer calls of the key service, while a grant that is taken back still ends within the hour. */
const DATA_KEY_MINUTES = 60;

/**
 * A queue with the one beside it for what cannot be processed, both encrypted and reached over TLS alone. Only this queue's messages
 * may come to lie there, and they can be moved back.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { stage, spec, key }: WorkQueueProps) {
    super(scope, id);
    const common = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      dataKeyReuse: Duration.minutes(DATA_KEY_MINUTES),
      enforceSSL: true,
      removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      queueName: physicalName(stage, spec.deadLetter),
      retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName: physicalName(stage, spec.name),
      visibilityTimeout: Duration.seconds(spec.visibilitySeconds),
      retentionPeriod: Duration.days(spec.retentionDays),
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: spec.maxReceiveCount },
    });
    // By name: each of the two naming the other by reference would be a circle.
    (this.deadLetters.node.defaultChild as CfnQueue).redriveAllowPolicy = {
      redrivePermission: 'byQueue',
      sourceQueueArns: [queueArn(Stack.of(this), stage, spec.name)],
    };
  }
}
