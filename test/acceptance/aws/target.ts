import { generateKeyPairSync } from 'node:crypto';
import { DescribeEndpointCommand, IoTClient } from '@aws-sdk/client-iot';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type AwsClients, awsClients } from '../../../platform/aws/clients.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { platformOn } from '../../../platform/aws/platform.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { resourceName } from '../../../topology/names.ts';
import { PRINCIPALS, type Principal } from '../../../topology/principals.ts';
import { forgetDevices } from '../deployed/forget-devices.ts';
import { install } from '../deployed/installing.ts';
import { QueueWatch } from '../deployed/queue-watch.ts';
import { DeployedWorld, type Deployment, REAL_CLOCK } from '../deployed/world.ts';
import type { Target, World } from '../suite/target.ts';
import { Account } from './account.ts';
import { MqttLines, PUBLIC_ROOTS } from './mqtt-lines.ts';
import { Roles } from './roles.ts';

const STAGE = 'dev';
/**
 * Queues tell how much is in them by estimates that lag behind, and feeds don't tell: so many looks at nothing count as settled.
 * Poison of billing comes again four times, six minutes later each time.
 */
const PATIENCE = { lookEveryMs: 2_500, looks: 5, atMostMs: 45 * 60_000 };

/** The stacks in an account. @param region where the stage is */
export function awsTarget(region: string): Target {
  return { name: 'AWS', lacks: {}, open: () => openOn(region) };
}

async function openOn(region: string): Promise<World> {
  const account = new Account(region);
  const { account: number } = await account.caller();
  const roles = new Roles(account, STAGE);
  const iot = new IoTClient({ region });
  try {
    const platform = await platformsOf(roles, `${resourceName(STAGE, 'objects')}-${number}-${region}`);
    await demandFresh(platform('operator-cli', REAL_CLOCK));
    const root = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const invoke = (name: string) => account.invoke(STAGE, name);
    await install(platform('operator-cli', REAL_CLOCK), root, () => invoke('key-duties'));
    const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
    const broker = { url: `mqtts://${endpointAddress}:8883`, ca: PUBLIC_ROOTS };
    const queues = new QueueWatch(new SQSClient({ region }), STAGE);
    const close = async (things: readonly string[]) => {
      await forgetDevices(iot, things);
      await roles.close();
    };
    const lines = new MqttLines(broker.url, broker.ca);
    const isIdle = () => queues.isEmpty();
    return new DeployedWorld({ platform, queues, lines, broker, root: root.publicKey, invoke, isIdle, close }, PATIENCE);
  } catch (error) {
    await roles.close();
    throw error;
  }
}

/** Each under the role of its principal. */
async function platformsOf(roles: Roles, bucket: string): Promise<Deployment['platform']> {
  const clients = new Map<Principal, AwsClients>();
  for (const principal of PRINCIPALS) {
    await roles.credentials(principal);
    clients.set(
      principal,
      awsClients(undefined, () => roles.credentials(principal)),
    );
  }
  const operations = new OperationCounts();
  return (principal, clock) => {
    const environment = { stage: STAGE, principal, bucket, service: principal } as const;
    return platformOn(environment, { clients: clients.get(principal)!, operations }, clock);
  };
}

/** The suite counts everything there is, and its root would be a second one. */
async function demandFresh({ objects }: Platform): Promise<void> {
  if ((await objects.list('keyring/')).length === 0) return;
  throw new Error(`stage ${STAGE} holds an installation: destroy it (docs/deploy.md) and deploy it anew before the suite runs there`);
}
