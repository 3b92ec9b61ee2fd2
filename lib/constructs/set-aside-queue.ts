import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';

/** The service allows no longer, and what lies here waits for people. */
const DEAD_LETTER_DAYS = 14;
/** A data key serves so long: fewer calls of the key service, while a grant that is taken back still ends within the hour. */
export const DATA_KEY_MINUTES = 60;

/** A queue of what nobody could process: people look at it, and an alarm tells them to. Encrypted, reached over TLS alone. */
export function setAsideQueue(scope: Construct, id: string, stage: Stage, name: string, key: IKey): Queue {
  return new Queue(scope, id, {
    queueName: physicalName(stage, name),
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    dataKeyReuse: Duration.minutes(DATA_KEY_MINUTES),
    enforceSSL: true,
    retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
    removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
