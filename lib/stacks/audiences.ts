import { Stack } from 'aws-cdk-lib';
import { EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { QUEUES } from '../../topology/queues.ts';
import { SUBSCRIPTIONS, type Subscription } from '../../topology/subscriptions.ts';
import { setAsideQueue } from '../constructs/set-aside-queue.ts';
import { StorageKeys } from '../constructs/storage-keys.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { accept } from '../guardrails/accept.ts';
import { busName } from '../names.ts';
import { UNDELIVERED_EVENTS } from '../owned-queues.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/**
 * The bus of integration events, and a queue for each audience with what it may be told and nothing else: a slow audience holds up
 * nobody. @source X.1332 7, 9.2 to 9.4
 */
export class AudiencesStack extends Stack {
  readonly #stage: Stage;
  readonly #keys: StorageKeys;

  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: who is told what', terminationProtection: stage.retains });
    this.#stage = stage;
    this.#keys = new StorageKeys(this, stage);
    const key = this.#keys.for('queues', UNDELIVERED_EVENTS);
    const undelivered = setAsideQueue(this, `queue-${UNDELIVERED_EVENTS}`, stage, UNDELIVERED_EVENTS, key);
    accept(undelivered, 'SQS3', 'it is the dead-letter queue of the bus and of its rules, which the rule does not look at');
    const bus = new EventBus(this, 'bus', { eventBusName: busName(stage), kmsKey: key, deadLetterQueue: undelivered });
    undelivered.addToResourcePolicy(busMaySend(bus, undelivered));
    for (const rule of SUBSCRIPTIONS) this.#rule(rule, bus, undelivered, this.#keys.for('queues', rule.queue));
  }

  /** The body of a message is the event as the catalogue has it, without the bus's envelope. */
  #rule({ name, queue, types }: Subscription, eventBus: EventBus, deadLetterQueue: Queue, key: IKey): void {
    const spec = QUEUES.find(({ name }) => name === queue)!;
    const target = new WorkQueue(this, `queue-${queue}`, { stage: this.#stage, spec, key }).queue;
    new Rule(this, `rule-${name}`, {
      ruleName: physicalName(this.#stage, name),
      description: `What ${name} may be told`,
      eventBus,
      eventPattern: { detailType: [...types] },
      targets: [new SqsQueue(target, { message: RuleTargetInput.fromEventPath('$.detail'), deadLetterQueue })],
    });
  }
}

/** What the bus cannot keep under its key goes aside as well. */
function busMaySend(bus: EventBus, queue: Queue): PolicyStatement {
  return new PolicyStatement({
    sid: 'BusSetsAside',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': bus.eventBusArn } },
  });
}
