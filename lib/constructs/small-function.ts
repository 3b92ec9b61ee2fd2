import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type FunctionOptions, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';
import { removalOf } from './removal.ts';

/**
 * What every function has in common: name, processor, trace, a log kept as long as the stage says, and a role of its own that may
 * write this log. @param principal name of the role, where adapters and key policies know it by one
 */
export function functionDefaults(scope: Construct, stage: Stage, name: string, principal?: string) {
  const functionName = physicalName(stage, name);
  const logGroup = new LogGroup(scope, 'Log', {
    logGroupName: `/aws/lambda/${functionName}`,
    retention: stage.logDays,
    removalPolicy: removalOf(stage),
  });
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    ...(principal === undefined ? {} : { roleName: physicalName(stage, principal) }),
  });
  logGroup.grantWrite(role);
  return {
    functionName,
    role,
    logGroup,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    tracing: Tracing.ACTIVE,
    timeout: Duration.seconds(30),
    memorySize: 256,
  } satisfies FunctionOptions & { readonly runtime: Runtime };
}
