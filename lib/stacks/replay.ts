import { Duration, Stack } from 'aws-cdk-lib';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { SUBSCRIPTIONS } from '../../topology/subscriptions.ts';
import { StorageKeys } from '../constructs/storage-keys.ts';
import { busArn } from '../names.ts';
import { UNDELIVERED_EVENTS } from '../owned-queues.ts';
import { physicalName } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/** Integration events of so many days can be sent again, to an audience that lost some. They tell of facts; the facts are in the streams. */
const KEPT_DAYS = 30;

export class ReplayStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: integration events that can be sent again' });
    new Archive(this, 'archive', {
      archiveName: physicalName(stage, 'replay'),
      description: 'Integration events, to be sent again',
      sourceEventBus: EventBus.fromEventBusArn(this, 'bus', busArn(this, stage)),
      eventPattern: { detailType: SUBSCRIPTIONS.flatMap(({ types }) => [...types]) },
      retention: Duration.days(KEPT_DAYS),
      kmsKey: new StorageKeys(this, stage).for('queues', UNDELIVERED_EVENTS),
    });
  }
}
