import { Duration, Stack } from 'aws-cdk-lib';
import { type Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { bucketName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { privateBucket } from './private-bucket.ts';

/** Who called, from where: kept as long as the other logs, then gone. Encrypted by S3 itself, the one kind that log delivery can write. */
export function logBucket(scope: Construct, stage: Pick<Stage, 'name' | 'retains' | 'logDays'>, name: string): Bucket {
  return privateBucket(scope, 'Logs', stage, {
    bucketName: bucketName(Stack.of(scope), stage, name),
    encryption: BucketEncryption.S3_MANAGED,
    // CloudFront hands over what it wrote by an access control list.
    objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
    lifecycleRules: [{ expiration: Duration.days(stage.logDays), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
  });
}
