import { CfnParameter } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { parameterName, type Stage } from '../stage.ts';

/** What another stack, or the utility, wrote under a parameter; read when the stack is deployed. */
export function told(scope: Construct, stage: Stage, what: string): string {
  return StringParameter.valueForStringParameter(scope, parameterName(stage, what));
}

/** The same for a list of subnets. */
export function toldSubnets(scope: Construct, stage: Stage, what: string): readonly string[] {
  const type = 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>';
  return new CfnParameter(scope, 'Subnets', { type, default: parameterName(stage, what) }).valueAsList;
}

/** Tells other stacks, and people, what something is called. */
export function tell(scope: Construct, stage: Stage, what: string, value: string): void {
  const id = `Tell${what
    .split(/[/-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')}`;
  new StringParameter(scope, id, { parameterName: parameterName(stage, what), stringValue: value });
}
