import { RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, type BucketProps, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Stage } from '../stage.ts';

/** A bucket that nobody outside the account reaches, and nobody without TLS; without the account's own lists of access. */
export function privateBucket(scope: Construct, id: string, stage: Pick<Stage, 'retains'>, props: BucketProps): Bucket {
  return new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    ...props,
  });
}
