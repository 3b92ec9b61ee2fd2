import { Duration, Stack } from 'aws-cdk-lib';
import { type Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Application } from '../../topology/site-config.ts';
import { bucketName, SITE_BUCKETS } from '../names.ts';
import type { Stage } from '../stage.ts';
import { privateBucket } from './private-bucket.ts';

/**
 * The files of an application as they were published. Nothing in them is secret, and the loader holds every one against the signed
 * manifest; encrypted by S3 itself, so that who shows them needs no key of ours.
 * @source X.1332 9.2 (integrity of applications)
 */
export function siteBucket(scope: Construct, stage: Stage, application: Application, logs: Bucket): Bucket {
  return privateBucket(scope, 'Site', stage, {
    bucketName: bucketName(Stack.of(scope), stage, SITE_BUCKETS[application]),
    encryption: BucketEncryption.S3_MANAGED,
    versioned: true,
    lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: `${application}-site/`,
  });
}
