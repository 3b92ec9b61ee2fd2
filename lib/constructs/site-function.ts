import { join } from 'node:path';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { functionDefaults } from './small-function.ts';

export interface SiteFunctionProps {
  readonly stage: Stage;
  readonly bucket: IBucket;
  /** Origins beside its own that the application talks to. */
  readonly connect: readonly string[];
}

const ROOT = join(import.meta.dirname, '..', '..');

/** Shows the console's files to browsers behind the private door: it may read them, and has nothing else. @source X.1332 9.2 */
export class SiteFunction extends Construct {
  readonly function: NodejsFunction;

  constructor(scope: Construct, id: string, { stage, bucket, connect }: SiteFunctionProps) {
    super(scope, id);
    const defaults = functionDefaults(this, stage, 'console-site');
    this.function = new NodejsFunction(this, 'Function', {
      ...defaults,
      entry: join(ROOT, 'lambdas/console-site/aws.ts'),
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      projectRoot: ROOT,
      architecture: Architecture.ARM_64,
      bundling: { format: OutputFormat.ESM, target: 'node24', mainFields: ['module', 'main'], bundleAwsSDK: true, externalModules: [] },
      reservedConcurrentExecutions: 5,
      environment: { JOULEKEEP_SITE_BUCKET: bucket.bucketName, JOULEKEEP_SITE_CONNECT: connect.join(' ') },
    });
    defaults.role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects('*')] }));
    // Without it the store says of a file that is not there that it is forbidden.
    defaults.role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
  }
}
