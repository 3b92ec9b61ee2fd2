import { Duration, Stack } from 'aws-cdk-lib';
import { ReadWriteType, Trail } from 'aws-cdk-lib/aws-cloudtrail';
import { type Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { KMS_RECORD_DAYS } from '../../topology/retention.ts';
import { bucketName, TOLD, tell } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import { privateBucket } from './private-bucket.ts';

interface KeyRecordProps {
  readonly stage: Stage;
  readonly accessLogs: Bucket;
}

/**
 * The key service's own record: every call, by a trail that AWS writes and signs with digests, in a bucket where nobody of the service puts
 * anything. CloudTrail delivers the first trail of management events without charge. @source X.1332 10.1
 */
export class KeyRecord extends Construct {
  constructor(scope: Construct, id: string, { stage, accessLogs }: KeyRecordProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const name = bucketName(stack, stage, 'key-record');
    const locked = ObjectLockRetention.compliance(Duration.days(KMS_RECORD_DAYS));
    const bucket = privateBucket(this, 'Bucket', stage, {
      bucketName: name,
      // What the trail's own service encrypts, it can write whatever becomes of our keys.
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      ...(stage.retains ? { objectLockEnabled: true, objectLockDefaultRetention: locked } : {}),
      lifecycleRules: [
        { expiration: Duration.days(KMS_RECORD_DAYS), noncurrentVersionExpiration: Duration.days(1) },
        { expiredObjectDeleteMarker: true },
      ],
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'key-record/',
    });
    new Trail(this, 'Trail', {
      trailName: physicalName(stage, 'key-record'),
      bucket,
      enableFileValidation: true,
      isMultiRegionTrail: false,
      includeGlobalServiceEvents: false,
      managementEvents: ReadWriteType.ALL,
    });
    tell(this, stage, TOLD.keyRecord, `${name}/${stack.account}/${stack.region}`);
  }
}
