import { Duration, Stack } from 'aws-cdk-lib';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import type { Construct } from 'constructs';
import { eventSchema, publishedTypes } from '../../events/catalogue/event-schema.ts';
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
    super(scope, id, { env, description: 'Joulekeep: integration events that can be sent again, and their shapes' });
    new Archive(this, 'archive', {
      archiveName: physicalName(stage, 'replay'),
      description: 'Integration events, to be sent again',
      sourceEventBus: EventBus.fromEventBusArn(this, 'bus', busArn(this, stage)),
      eventPattern: { detailType: SUBSCRIPTIONS.flatMap(({ types }) => [...types]) },
      retention: Duration.days(KEPT_DAYS),
      kmsKey: new StorageKeys(this, stage).for('queues', UNDELIVERED_EVENTS),
    });
    this.#schemas(stage);
  }

  /** What receivers generate code from; the bus itself looks at none of it. */
  #schemas({ name }: StageProps['stage']): void {
    const registry = new CfnRegistry(this, 'registry', {
      registryName: `joulekeep-${name}`,
      description: 'Integration events of Joulekeep',
    });
    for (const { type, data, entry } of publishedTypes()) {
      const schema = new CfnSchema(this, `schema-${type}`, {
        registryName: registry.attrRegistryName,
        schemaName: type,
        type: 'JSONSchemaDraft4',
        description: entry.says,
        content: JSON.stringify({
          $schema: 'http://json-schema.org/draft-04/schema#',
          title: type,
          ...eventSchema(type, entry.ordered, data, 'draft-4'),
        }),
      });
      schema.addDependency(registry);
    }
  }
}
