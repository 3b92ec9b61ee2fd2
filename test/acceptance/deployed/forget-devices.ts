import { setTimeout as wait } from 'node:timers/promises';
import {
  DeleteCertificateCommand,
  DeleteThingCommand,
  DetachThingPrincipalCommand,
  type IoTClient,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';

/** Takes a run's devices out of the registry, which no stack holds: certificates, and the things they belong to. */
export async function forgetDevices(client: IoTClient, things: Iterable<string>): Promise<void> {
  for (const thingName of things) {
    for (const principal of await certificatesOf(client, thingName)) {
      const certificateId = principal.slice(principal.lastIndexOf('/') + 1);
      await client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
      await client.send(new DetachThingPrincipalCommand({ thingName, principal }));
      await client.send(new DeleteCertificateCommand({ certificateId, forceDelete: true }));
    }
    await deleteThing(client, thingName);
  }
}

async function certificatesOf(client: IoTClient, thingName: string): Promise<readonly string[]> {
  try {
    const { principals = [] } = await client.send(new ListThingPrincipalsCommand({ thingName }));
    return principals;
  } catch (error) {
    // Commissioning may have ended before it came to this one; to delete it again is allowed.
    if ((error as Error).name === 'ResourceNotFoundException') return [];
    throw error;
  }
}

const TRIES = 10;
const RETRY_MS = 2_000;

/** It takes seconds until the registry knows that nothing is attached any more. */
async function deleteThing(client: IoTClient, thingName: string): Promise<void> {
  for (let left = TRIES; ; left--) {
    try {
      await client.send(new DeleteThingCommand({ thingName }));
      return;
    } catch (error) {
      if (left === 0) throw error;
      await wait(RETRY_MS);
    }
  }
}
