import { Aws } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSecurityProfile } from 'aws-cdk-lib/aws-iot';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { WATCH_PROFILES, type WatchedBehaviour } from '../../topology/detection.ts';
import { physicalName, type Stage } from '../stage.ts';
import { arnHere } from './arn-here.ts';

/** The limits of topology/detection.ts, watched for every registered thing; what leaves them is told. @source X.1332 8.1 */
export class FleetWatch extends Construct {
  constructor(scope: Construct, id: string, { stage, violations, tells }: { stage: Stage; violations: ITopic; tells: PolicyStatement[] }) {
    super(scope, id);
    const teller = new Role(this, 'Teller', {
      assumedBy: new ServicePrincipal('iot.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
    });
    for (const statement of tells) teller.addToPolicy(statement);
    const everything = arnHere('iot', 'all/registered-things');
    for (const { name, description, behaviours } of WATCH_PROFILES) {
      new CfnSecurityProfile(this, name, {
        securityProfileName: physicalName(stage, name),
        securityProfileDescription: description,
        behaviors: behaviours.map(behaviourOf),
        alertTargets: { SNS: { alertTargetArn: violations.topicArn, roleArn: teller.roleArn } },
        targetArns: [everything],
      });
    }
  }
}

/** One breach is an alarm; three good intervals end it. */
function behaviourOf({ name, metric, atMost, seconds }: WatchedBehaviour): CfnSecurityProfile.BehaviorProperty {
  return {
    name,
    metric,
    criteria: {
      comparisonOperator: 'less-than-equals',
      value: { count: String(atMost) },
      consecutiveDatapointsToAlarm: 1,
      consecutiveDatapointsToClear: 3,
      ...(seconds === undefined ? {} : { durationSeconds: seconds }),
    },
  };
}
