import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import { COUNTER_ALARMS } from '../alarms/counter-alarms.ts';
import { functionAlarms } from '../alarms/function-alarms.ts';
import { edgeAlarms, gatewayAlarms } from '../alarms/gateway-alarms.ts';
import { LOG_ALARMS } from '../alarms/log-alarms.ts';
import { queueAlarms } from '../alarms/queue-alarms.ts';
import { type CompositeSpec, OperationsAlarms } from '../constructs/operations-alarms.ts';
import { OperationsDashboards } from '../constructs/operations-dashboards.ts';
import { OperationsLogFilters } from '../constructs/operations-log-filters.ts';
import { StorageKeys } from '../constructs/storage-keys.ts';
import { told } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

const COMPOSITES: readonly CompositeSpec[] = [
  {
    kind: 'readings-not-taken',
    says: 'Readings wait because the function that takes them in fails or is held back.',
    all: [
      ['queue-age-telemetry'],
      ['function-errors-ingest', 'function-throttles-ingest', 'table-throttles-events-writes', 'kms-throttles'],
    ],
  },
  {
    kind: 'meters-without-keys',
    says: 'Handshakes wait because the function that answers them fails or is held back: meters will run out of keys.',
    all: [['queue-age-handshake'], ['function-errors-keys', 'function-throttles-keys', 'kms-throttles']],
  },
];

/** One request in twenty, and not the first of every second besides. */
const TRACED = { fixedRate: 0.05, reservoirSize: 0 } as const;

/** Whom to tell what, and where to look. Every alarm has a runbook in docs/runbooks/. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: alarms and dashboards' });
    const topic = this.#topic(stage);
    new OperationsLogFilters(this, 'LogFilters', { stage });
    const specs = [
      ...queueAlarms(stage),
      ...functionAlarms(stage),
      ...COUNTER_ALARMS,
      ...LOG_ALARMS,
      ...gatewayAlarms(stage),
      ...edgeAlarms(stage, (what) => told(this, stage, what)),
    ];
    new OperationsAlarms(this, 'Alarms', { stage, topic, specs, composites: COMPOSITES });
    new OperationsDashboards(this, 'Dashboards', { stage });
    this.#sampling(stage);
  }

  /** For what asks for rules, which is the stage of the customers' API: functions that it does not call trace at Lambda's own rate, which nobody can set. */
  #sampling(stage: Stage): void {
    new CfnSamplingRule(this, 'Sampling', {
      samplingRule: {
        ...TRACED,
        ruleName: physicalName(stage, 'traces'),
        priority: 100,
        version: 1,
        serviceName: `${physicalName(stage, '')}*`,
        serviceType: '*',
        resourceArn: '*',
        host: '*',
        httpMethod: '*',
        urlPath: '*',
      },
    });
  }

  /** Alarms of this account may tell, and nobody else. */
  #topic(stage: Stage): Topic {
    const masterKey = new StorageKeys(this, stage).of('operations');
    const topic = new Topic(this, 'Topic', { topicName: physicalName(stage, 'alarms'), masterKey, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (stage.alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(stage.alarmEmail));
    return topic;
  }
}
