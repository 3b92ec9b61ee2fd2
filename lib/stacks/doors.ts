import { Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Door } from '../constructs/door.ts';
import { Health } from '../constructs/health.ts';
import { logBucket } from '../constructs/log-bucket.ts';
import { siteBucket } from '../constructs/site-bucket.ts';
import { SiteFunction } from '../constructs/site-function.ts';
import { BROWSER_DOORS, PRIVATE_DOORS } from '../door-routes.ts';
import { acknowledgeAll } from '../guardrails/acknowledged.ts';
import { CONSOLE_ACKNOWLEDGED, DOORS_ACKNOWLEDGED } from '../guardrails/acknowledged-doors.ts';
import { told } from '../names.ts';
import { NARROW, parameterName, type Stage, signInOrigins, stageError } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/** Why a stage has no doors, in one line; undefined when it has them. @throws ERR_STAGE_INVALID when it must have them */
export function doorsLeftOut(stage: Stage): string | undefined {
  if (stage.operatorLink !== undefined) return undefined;
  if (stage.name === 'prod')
    throw stageError(
      'operatorLink',
      'prod has none, and operator, billing and third parties may not come over the internet',
      'name the VPC that the VPN or Direct Connect ends in, and the address ranges behind it',
    );
  return `doors: left out, stage ${stage.name} has no operatorLink`;
}

/**
 * The private side: one internal door per audience, reached over the utility's VPN or Direct Connect alone.
 * @source X.1332 9.3, 9.4, 10.3, 10.4 @throws ERR_STAGE_INVALID for a stage without an operator link
 */
export class DoorsStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: doors of operator, third parties, billing and console' });
    const link = stage.operatorLink;
    const without = doorsLeftOut(stage);
    if (link === undefined) throw stageError('operatorLink', without ?? 'missing', 'leave the doors out');
    const stray = link.cidrs.find((cidr) => !NARROW.test(cidr));
    if (link.cidrs.length === 0 || stray !== undefined)
      throw stageError(
        'operatorLink.cidrs',
        `${stray ?? 'none'} is no private network`,
        'name the ranges behind the link, each /8 or narrower',
      );
    const logs = logBucket(this, stage, 'door-logs');
    const delivered = takesBalancerLogs(logs);
    const health = new Health(this, 'HealthCheck', { stage, name: 'door-health' }).function;
    const shared = {
      stage,
      link,
      health,
      logBucket: logs.bucketName,
      subnets: this.#subnets(stage),
      certificateArn: told(this, stage, 'doors/certificate'),
      trustBucket: told(this, stage, 'trust/bucket'),
    };
    const site = this.#console(stage, logs);
    for (const name of PRIVATE_DOORS)
      new Door(this, name, { ...shared, name, ...(BROWSER_DOORS.includes(name) && site && { site }) }).node.addDependency(delivered);
    acknowledgeAll(this, [...DOORS_ACKNOWLEDGED, ...(site === undefined ? [] : CONSOLE_ACKNOWLEDGED)]);
  }

  /** Without a domain nobody signs in, so there is nothing to show. */
  #console(stage: Stage, logs: Bucket): SiteFunction | undefined {
    const { domain } = stage;
    if (domain === undefined) return undefined;
    const bucket = siteBucket(this, stage, 'console', logs);
    return new SiteFunction(this, 'ConsoleSite', { stage, bucket, connect: signInOrigins(stage, domain) });
  }

  /** Private subnets of the link's network, which the utility writes down under a parameter: read at deployment, not looked up at synthesis. */
  #subnets(stage: Stage): readonly string[] {
    const type = 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>';
    return new CfnParameter(this, 'Subnets', { type, default: parameterName(stage, 'doors/subnets') }).valueAsList;
  }
}

/** A load balancer writes below the number of its own account alone. @returns what must be in force before one is told to write here */
function takesBalancerLogs(logs: Bucket): Construct {
  const { policyDependable } = logs.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: PRIVATE_DOORS.flatMap((name) =>
        ['access', 'connection'].map((kind) => logs.arnForObjects(`${name}/${kind}/AWSLogs/${Aws.ACCOUNT_ID}/*`)),
      ),
    }),
  );
  return policyDependable as Construct;
}
