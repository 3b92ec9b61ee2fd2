import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';

/** Who called, from where: kept as long as the other logs, then gone. Encrypted by S3 itself, the one kind that log delivery can write. */
export function logBucket(scope: Construct, stage: Stage, name: string): Bucket {
  return new Bucket(scope, 'Logs', {
    bucketName: `${physicalName(stage, name)}-${Aws.ACCOUNT_ID}`,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    // CloudFront and S3 hand over what they wrote by an access control list.
    objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
    lifecycleRules: [{ expiration: Duration.days(stage.logDays), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
