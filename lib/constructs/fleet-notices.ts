import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FUNCTIONS } from '../../topology/functions.ts';
import { NOTICE_QUEUES, UNDELIVERED_NOTICES } from '../../topology/queues.ts';
import { physicalName, type Stage } from '../stage.ts';
import { arnHere } from './arn-here.ts';
import { setAsideQueue } from './set-aside-queue.ts';
import { WorkQueue } from './work-queue.ts';

/** Basic facts of the certificate; the function asks the registry for the rest. */
const REGISTERED = `SELECT certificateId, caCertificateId, certificateStatus, timestamp FROM '$aws/events/certificates/registered/+'`;

export interface FleetNoticesProps {
  readonly stage: Stage;
  readonly key: IKey;
  readonly violations: Topic;
}

/** What the gateway tells of devices, each through a queue of its own to the function that decides about them. */
export class FleetNotices extends Construct {
  readonly #props: FleetNoticesProps;

  constructor(scope: Construct, id: string, props: FleetNoticesProps) {
    super(scope, id);
    this.#props = props;
    const { stage, violations } = props;
    const queues = new Map(NOTICE_QUEUES.map((spec) => [spec.name, this.#queue(spec)]));
    const undelivered = setAsideQueue(this, 'Undelivered', stage, UNDELIVERED_NOTICES, props.key);
    this.#rule(queues.get('registrations')!.queue, undelivered);
    const { queue } = queues.get('violations')!;
    violations.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue: undelivered }));
    this.#receive(stage, queues);
  }

  #queue(spec: (typeof NOTICE_QUEUES)[number]): WorkQueue {
    return new WorkQueue(this, spec.name, { stage: this.#props.stage, spec, key: this.#props.key });
  }

  #rule(queue: Queue, undelivered: Queue): void {
    const { stage, key } = this.#props;
    const allow = (actions: string[], resources: string[]) => new PolicyStatement({ effect: Effect.ALLOW, actions, resources });
    const { roleArn } = new Role(this, 'RuleRole', {
      roleName: physicalName(stage, 'rule-registrations'),
      assumedBy: new ServicePrincipal('iot.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      inlinePolicies: {
        Deliver: new PolicyDocument({
          statements: [
            allow(['sqs:SendMessage'], [queue.queueArn, undelivered.queueArn]),
            allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]),
          ],
        }),
      },
    });
    const into = ({ queueUrl }: Queue) => ({ sqs: { queueUrl, roleArn, useBase64: false } });
    new CfnTopicRule(this, 'Rule', {
      ruleName: 'joulekeep_registrations',
      topicRulePayload: { sql: REGISTERED, awsIotSqlVersion: '2016-03-23', actions: [into(queue)], errorAction: into(undelivered) },
    });
  }

  #receive(stage: Stage, queues: ReadonlyMap<string, WorkQueue>): void {
    for (const { name, trigger, reservedConcurrency } of FUNCTIONS) {
      if (trigger.kind !== 'notice') continue;
      const functionArn = arnHere('lambda', `function:${physicalName(stage, name)}`);
      const target = LambdaFunction.fromFunctionAttributes(this, `function-${name}`, { functionArn, sameEnvironment: true });
      for (const queue of trigger.queues) {
        new EventSourceMapping(this, `receive-${queue}`, {
          target,
          eventSourceArn: queues.get(queue)!.queue.queueArn,
          batchSize: NOTICE_QUEUES.find((spec) => spec.name === queue)!.batchSize,
          reportBatchItemFailures: true,
          maxConcurrency: Math.max(2, Math.floor(reservedConcurrency / trigger.queues.length)),
        });
      }
    }
  }
}
