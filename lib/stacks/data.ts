import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { TABLES, type TableSpec } from '../../topology/tables.ts';
import { KeyRecord } from '../constructs/key-record.ts';
import { privateBucket } from '../constructs/private-bucket.ts';
import { StorageKeys } from '../constructs/storage-keys.ts';
import { bucketName, roleArn, TOLD, tell } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/** An object that was overwritten or deleted can be had back, and cannot be got rid of, for so long: as long as backups of tables are kept. */
const LOCKED_DAYS = 35;

/**
 * What is recorded: tables and the bucket of large bodies. Everything here is stateful, lies directly under the stack, and keeps its
 * logical id for ever. @source X.1332 10.1 (stored data confidential and intact)
 */
export class DataStack extends Stack {
  readonly #keys: StorageKeys;

  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: tables and objects', terminationProtection: stage.retains });
    this.#keys = new StorageKeys(this, stage);
    for (const table of TABLES) this.#table(stage, table);
    const accessLogs = this.#accessLogs(stage);
    this.#objects(stage, accessLogs);
    this.#undelivered(stage, accessLogs);
    new KeyRecord(this, 'key-record', { stage, accessLogs });
  }

  #table(stage: Stage, { name, sort, expires, changes, index, pointInTimeRecovery }: TableSpec): void {
    const table = new TableV2(this, `table-${name}`, {
      tableName: physicalName(stage, name),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: sort === 'number' ? AttributeType.NUMBER : AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(this.#keys.for('tables', name)),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
      deletionProtection: stage.retains,
      ...(name === 'events' ? { resourcePolicy: onlyAppended(this, stage) } : {}),
      removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(index === undefined ? {} : { globalSecondaryIndexes: [keysAlone(index)] }),
      ...(expires ? { timeToLiveAttribute: 'expiresAt' } : {}),
      ...(changes === 'none' ? {} : { dynamoStream: StreamViewType.NEW_IMAGE }),
    });
    if (changes !== 'none') tell(this, stage, TOLD.changes(name), table.tableStreamArn!);
  }

  /** Who asked for which object. Log delivery knows no other encryption than the service's own. */
  #accessLogs(stage: Stage): Bucket {
    return privateBucket(this, 'bucket-access-logs', stage, {
      bucketName: bucketName(this, stage, 'access-logs'),
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(400) }],
    });
  }

  #objects(stage: Stage, accessLogs: Bucket): void {
    const locked = ObjectLockRetention.compliance(Duration.days(LOCKED_DAYS));
    privateBucket(this, 'bucket-objects', stage, {
      bucketName: bucketName(this, stage, 'objects'),
      encryption: BucketEncryption.KMS,
      encryptionKey: this.#keys.for('buckets', 'objects'),
      bucketKeyEnabled: true,
      versioned: true,
      ...(stage.retains ? { objectLockEnabled: true, objectLockDefaultRetention: locked } : {}),
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(LOCKED_DAYS), abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { expiredObjectDeleteMarker: true },
      ],
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'objects/',
    });
  }

  /** Where a message of a device goes whose queue did not take it; kept as long as a message there would be. */
  #undelivered(stage: Stage, accessLogs: Bucket): void {
    privateBucket(this, 'bucket-undelivered', stage, {
      bucketName: bucketName(this, stage, 'undelivered'),
      encryption: BucketEncryption.KMS,
      encryptionKey: this.#keys.for('buckets', 'undelivered'),
      bucketKeyEnabled: true,
      lifecycleRules: [{ expiration: Duration.days(14) }],
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'undelivered/',
    });
  }
}

function keysAlone({ name, partition, sort }: NonNullable<TableSpec['index']>): GlobalSecondaryIndexPropsV2 {
  return {
    indexName: name,
    partitionKey: { name: partition, type: AttributeType.STRING },
    sortKey: { name: sort, type: AttributeType.STRING },
    projectionType: ProjectionType.KEYS_ONLY,
  };
}

/**
 * Nobody changes or takes out a commit, whatever else allows it: items are put, and those that carry a time to live leave by
 * themselves. @source X.1332 10.1 (stored data intact)
 */
function onlyAppended(stack: Stack, stage: Stage): PolicyDocument {
  const changes = ['BatchWriteItem', 'DeleteItem', 'PartiQLDelete', 'PartiQLInsert', 'PartiQLUpdate', 'UpdateItem'];
  const denial = new PolicyStatement({
    sid: 'OnlyAppended',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: changes.map((name) => `dynamodb:${name}`),
    resources: ['*'],
  });
  return new PolicyDocument({ statements: [denial, archiveAlone(stack, stage)] });
}

/** Rows that say what was taken out of streams, and where their hot part begins: by whoever signs for it. */
function archiveAlone(stack: Stack, stage: Stage): PolicyStatement {
  return new PolicyStatement({
    sid: 'TrimsByArchiveAlone',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['dynamodb:PutItem'],
    resources: ['*'],
    conditions: {
      ArnNotEquals: { 'aws:PrincipalArn': roleArn(stack, stage, 'archive') },
      'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['~*'] },
    },
  });
}
