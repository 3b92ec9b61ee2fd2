import { Aws, Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPolicy, CfnThingType, CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { resolvePolicy, ruleSql, THING_TYPES, TOPIC_RULES, type TopicRule } from '../../topology/device-access.ts';
import { StorageKeys } from '../constructs/storage-keys.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { acceptWildcard } from '../guardrails/accept.ts';
import { bucketName } from '../names.ts';
import { DEVICE_QUEUES } from '../owned-queues.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/** Nothing that a device said is lost without a trace: what a rule could not put into its queue is an object of this name. */
const ERROR_KEY = '$' + '{timestamp()}-' + '$' + '{newuuid()}';

/**
 * What devices meet: who may publish where, and the queue in which it lands. Names of rules, policies and thing types are part of what
 * devices know, so an account has one stage in a region. @source X.1332 9.1, 10.1 (access control)
 */
export class GatewayStack extends Stack {
  readonly #keys: StorageKeys;
  readonly #queues: ReadonlyMap<string, WorkQueue>;

  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: what devices may do, and where it lands', terminationProtection: stage.retains });
    this.#keys = new StorageKeys(this, stage);
    this.#queues = new Map(DEVICE_QUEUES.map((spec) => [spec.name, this.#queue(stage, spec)]));
    this.#access();
    const undelivered = Bucket.fromBucketName(this, 'undelivered', bucketName(this, stage, 'undelivered'));
    for (const rule of Object.values(TOPIC_RULES)) this.#rule(stage, rule, undelivered);
  }

  #queue(stage: Stage, spec: (typeof DEVICE_QUEUES)[number]): WorkQueue {
    return new WorkQueue(this, `queue-${spec.name}`, { stage, spec, key: this.#keys.for('queues', spec.name) });
  }

  #access(): void {
    const here = { partition: Aws.PARTITION, region: Aws.REGION, account: Aws.ACCOUNT_ID };
    for (const { name, policies } of THING_TYPES) {
      new CfnThingType(this, `type-${name}`, { thingTypeName: name });
      for (const policy of policies) {
        new CfnPolicy(this, `policy-${policy.name}`, { policyName: policy.name, policyDocument: resolvePolicy(policy.document, here) });
      }
    }
  }

  #rule(stage: Stage, rule: TopicRule, undelivered: IBucket): void {
    const { queue } = this.#queues.get(rule.queue)!;
    const role = this.#ruleRole(stage, rule, queue.queueArn, undelivered);
    new CfnTopicRule(this, `rule-${rule.name}`, {
      ruleName: rule.name,
      topicRulePayload: {
        sql: ruleSql(rule),
        awsIotSqlVersion: '2016-03-23',
        actions: [{ sqs: { queueUrl: queue.queueUrl, roleArn: role.roleArn, useBase64: false } }],
        errorAction: { s3: { bucketName: undelivered.bucketName, key: `${rule.queue}/${ERROR_KEY}`, roleArn: role.roleArn } },
      },
    });
  }

  #ruleRole(stage: Stage, { queue }: TopicRule, queueArn: string, undelivered: IBucket): Role {
    const objects = undelivered.arnForObjects(`${queue}/*`);
    const allow = (actions: string[], resource: string) => new PolicyStatement({ effect: Effect.ALLOW, actions, resources: [resource] });
    const role = new Role(this, `rule-role-${queue}`, {
      roleName: physicalName(stage, `rule-${queue}`),
      description: `Rule of the gateway that fills the queue ${queue}`,
      assumedBy: new ServicePrincipal('iot.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': this.account } } }),
      inlinePolicies: {
        Deliver: new PolicyDocument({
          statements: [
            allow(['sqs:SendMessage'], queueArn),
            allow(['s3:PutObject'], objects),
            allow(['kms:Decrypt', 'kms:GenerateDataKey'], this.#keys.for('queues', queue).keyArn),
          ],
        }),
      },
    });
    acceptWildcard(role, objects, 'the rule names each object by the time and a number that nobody chose');
    return role;
  }
}
