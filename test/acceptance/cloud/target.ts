import { generateKeyPairSync } from 'node:crypto';
import { CreateThingGroupCommand, IoTClient } from '@aws-sdk/client-iot';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClients } from '../../../platform/aws/clients.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { platformOn } from '../../../platform/aws/platform.ts';
import { QUARANTINE_GROUP } from '../../../topology/device-access.ts';
import { resourceName } from '../../../topology/names.ts';
import { QUEUES } from '../../../topology/queues.ts';
import { forgetDevices } from '../deployed/forget-devices.ts';
import { install } from '../deployed/installing.ts';
import { QueueWatch } from '../deployed/queue-watch.ts';
import { DeployedWorld, type Deployment, REAL_CLOCK } from '../deployed/world.ts';
import type { Target } from '../suite/target.ts';
import { MiniStack } from './mini-stack.ts';
import { WebSocketLines } from './websocket-lines.ts';

const STAGE = 'dev';
const BUCKET = `${resourceName(STAGE, 'objects')}-000000000000-eu-central-1`;
/** A message that failed comes again after so long, instead of minutes. */
const HIDDEN_SECONDS = 2;
const PATIENCE = { lookEveryMs: 100, looks: 2, atMostMs: 90_000 };

/** The stacks on MiniStack, and their functions as it runs them. @param endpoint of the lane */
export function cloudTarget(endpoint: string): Target {
  return {
    name: 'MiniStack',
    lacks: {
      'enforces-keys': 'MiniStack evaluates no policy of a key or a role; templates are asserted in test/infra',
      'guards-gateway': 'MiniStack lets clients in without a certificate, and evaluates no policy of IoT',
    },
    open: async () => {
      const emulator = new MiniStack(endpoint);
      const iot = new IoTClient({ endpoint });
      // Of the stack of the fleet, most of which MiniStack can't carry.
      await iot.send(new CreateThingGroupCommand({ thingGroupName: QUARANTINE_GROUP.name }));
      const queues = new QueueWatch(new SQSClient({ endpoint }), STAGE);
      for (const queue of QUEUES) await queues.redrive(queue, HIDDEN_SECONDS);
      const platform = platformsAt(endpoint);
      const root = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      await install(platform('operator-cli', REAL_CLOCK), root, () => emulator.invoke(STAGE, 'key-duties'));
      const deployment = {
        ...{ platform, queues, root: root.publicKey, lines: new WebSocketLines(endpoint) },
        broker: { url: endpoint, ca: '' },
        invoke: (name: string) => emulator.invoke(STAGE, name),
        isIdle: async () => (await queues.isEmpty()) && (await emulator.behind()) === 0,
        close: (things: readonly string[]) => forgetDevices(iot, things),
      };
      return new DeployedWorld(deployment, PATIENCE);
    },
  };
}

/** As whoever is asked for: IAM is what MiniStack does not have. */
function platformsAt(endpoint: string): Deployment['platform'] {
  const process = { clients: awsClients(endpoint), operations: new OperationCounts() };
  return (principal, clock) => platformOn({ stage: STAGE, principal, bucket: BUCKET, endpoint, service: principal }, process, clock);
}
