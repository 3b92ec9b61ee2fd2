import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnMitigationAction, CfnPolicy, CfnThingGroup } from 'aws-cdk-lib/aws-iot';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { QUARANTINE_GROUP, resolvePolicy } from '../../topology/device-access.ts';
import { physicalName, type Stage } from '../stage.ts';
import { arnHere } from './arn-here.ts';
import { removalOf } from './removal.ts';

/**
 * The group whose members are denied everything, and the action by which people put what an audit found into it.
 * @source X.1332 8.1, 10.1
 */
export class FleetQuarantine extends Construct {
  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);
    const { name, policy } = QUARANTINE_GROUP;
    const here = { partition: Aws.PARTITION, region: Aws.REGION, account: Aws.ACCOUNT_ID };
    const group = new CfnThingGroup(this, 'Group', {
      thingGroupName: name,
      thingGroupProperties: { thingGroupDescription: 'Denied everything until a person lets them in again' },
    });
    const denial = new CfnPolicy(this, 'Denial', { policyName: policy.name, policyDocument: resolvePolicy(policy.document, here) });
    this.#attach(stage, group, denial);
    new CfnMitigationAction(this, 'Action', {
      actionName: physicalName(stage, 'quarantine'),
      roleArn: this.#actionRole(name).roleArn,
      actionParams: { addThingsToThingGroupParams: { thingGroupNames: [name], overrideDynamicGroups: false } },
    }).addResourceDependency(group);
  }

  /** CloudFormation attaches policies to certificates alone, so one call of the service does it here. */
  #attach(stage: Stage, group: CfnThingGroup, denial: CfnPolicy): void {
    const target = group.attrArn;
    const { name } = QUARANTINE_GROUP.policy;
    const call = (action: string) => ({ service: 'IoT', action, parameters: { policyName: name, target } });
    const physicalResourceId = PhysicalResourceId.of(`${QUARANTINE_GROUP.name}-denial`);
    const log = new LogGroup(this, 'Log', { retention: stage.logDays, removalPolicy: removalOf(stage) });
    const role = this.#attacherRole(log, [target, arnHere('iot', `policy/${name}`)]);
    const attachment = new AwsCustomResource(this, 'Attachment', {
      onCreate: { ...call('attachPolicy'), physicalResourceId },
      onUpdate: { ...call('attachPolicy'), physicalResourceId },
      onDelete: call('detachPolicy'),
      installLatestAwsSdk: false,
      logGroup: log,
      role,
    });
    attachment.node.addDependency(denial);
  }

  #attacherRole(log: LogGroup, attaches: string[]): Role {
    return new Role(this, 'Attacher', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Attach: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['iot:AttachPolicy', 'iot:DetachPolicy'], resources: attaches }),
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [log.logGroupArn] }),
          ],
        }),
      },
    });
  }

  #actionRole(group: string): Role {
    return new Role(this, 'ActionRole', {
      assumedBy: new ServicePrincipal('iot.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      inlinePolicies: {
        Quarantine: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['iot:AddThingToThingGroup'],
              resources: [arnHere('iot', `thinggroup/${group}`), arnHere('iot', 'thing/*')],
            }),
            new PolicyStatement({ actions: ['iot:ListPrincipalThings'], resources: ['*'] }),
          ],
        }),
      },
    });
  }
}
