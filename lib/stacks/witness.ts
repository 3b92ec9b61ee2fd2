import { Duration, type Environment, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { logBucket } from '../constructs/log-bucket.ts';
import { privateBucket } from '../constructs/private-bucket.ts';
import { acknowledgeAll } from '../guardrails/acknowledged.ts';
import { WITNESS_ACKNOWLEDGED } from '../guardrails/acknowledged-witness.ts';
import { physicalName } from '../stage.ts';
import type { WitnessStage } from '../witness-stage.ts';

/** Where the service puts what is witnessed. */
const WITNESSED = 'witness/*';
/** Nobody takes away, hides or unlocks what lies there, whatever else allows it. */
const TAKES_AWAY = [
  's3:BypassGovernanceRetention',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketVersioning',
  's3:PutLifecycleConfiguration',
  's3:PutObjectRetention',
];

export interface WitnessProps {
  readonly stage: WitnessStage;
  readonly env: Environment;
}

/**
 * The witness of the log, for an account that nobody of the service has a role in: one bucket, in which the log's function of the service's account
 * puts checkpoints and entries, each once, and reads them. What is there nobody can take away, the people of this account included.
 * @source X.1332 10.1 (stored data intact)
 */
export class WitnessStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: WitnessProps) {
    super(scope, id, { env, description: 'Joulekeep: witness of the log over all commits', terminationProtection: stage.retains });
    const accessLogs = logBucket(this, stage, 'witness-logs');
    const bucket = privateBucket(this, 'bucket-witness', stage, {
      bucketName: stage.bucket,
      // A key of this account would have to be opened to the service's; what is witnessed are names and hashes.
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(stage.lockedDays)),
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'witness/',
    });
    for (const statement of [...this.#allowed(stage, bucket), ...denied(bucket)]) bucket.addToResourcePolicy(statement);
    acknowledgeAll(this, WITNESS_ACKNOWLEDGED);
  }

  /** The one role, named by a condition: it need not exist when the bucket is made. */
  #allowed(stage: WitnessStage, bucket: Bucket): readonly PolicyStatement[] {
    const role = this.formatArn({
      service: 'iam',
      region: '',
      account: stage.service,
      resource: 'role',
      resourceName: physicalName(stage, 'log'),
    });
    const byLog = (sid: string, actions: readonly string[], resource: string) =>
      new PolicyStatement({
        sid,
        principals: [new AccountPrincipal(stage.service)],
        actions: [...actions],
        resources: [resource],
        conditions: { ArnEquals: { 'aws:PrincipalArn': role } },
      });
    return [
      byLog('LogPuts', ['s3:GetObject', 's3:PutObject'], bucket.arnForObjects(WITNESSED)),
      byLog('LogLists', ['s3:ListBucket'], bucket.bucketArn),
    ];
  }
}

function denied(bucket: Bucket): readonly PolicyStatement[] {
  const toAll = { effect: Effect.DENY, principals: [new AnyPrincipal()] };
  return [
    new PolicyStatement({
      sid: 'NobodyTakesAway',
      ...toAll,
      actions: TAKES_AWAY,
      resources: [bucket.bucketArn, bucket.arnForObjects('*')],
    }),
    new PolicyStatement({
      sid: 'NothingIsPutOver',
      ...toAll,
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      // Without the header `if-none-match` a put would lie over what is there.
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }),
  ];
}
