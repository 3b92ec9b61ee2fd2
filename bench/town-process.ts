import { generateKeyPairSync } from 'node:crypto';
import type { BenchConcentrator } from '../devices/fleet/bench-protocol.ts';
import { createCsr } from '../devices/meter/csr.ts';
import { enrolRelay } from '../lambdas/enrol/enrol-relay.ts';
import { createEmbeddedPlatform } from '../platform/embedded/platform.ts';
import { concentratorThing } from '../topology/device-access.ts';
import { answering } from './ipc.ts';
import { enrolled, relayName, START } from './sealed-load.ts';

/** Enrols a town into a state directory and ends, so that the service's memory is the service's alone. */
export interface TownRequest {
  readonly type: 'enrol';
  readonly stateDir: string;
  readonly meters: number;
}

export interface EnrolledTown {
  readonly type: 'enrolled';
  /** 8 bytes each; meter i speaks through concentrator i mod their number. */
  readonly meterIds: Buffer;
  /** 32 bytes each. */
  readonly secrets: Buffer;
  readonly concentrators: readonly BenchConcentrator[];
}

async function enrol({ stateDir, meters }: TownRequest): Promise<EnrolledTown> {
  const platform = await createEmbeddedPlatform({ stateDir, clock: { now: () => START }, timer: false });
  try {
    const groups = await enrolled((principal) => platform.as(principal), meters);
    const concentrators: BenchConcentrator[] = [];
    for (const n of groups.keys()) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const thing = concentratorThing(relayName(n));
      const certificate = await platform.as('enrol').devices.issueCertificate(thing, 'concentrator', await createCsr(thing, privateKey));
      await enrolRelay(platform.as('enrol'), relayName(n), certificate);
      concentrators.push({ dcId: relayName(n), key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, certificate });
    }
    const inTurn = Array.from({ length: meters }, (_, i) => groups[i % groups.length]![Math.floor(i / groups.length)]!);
    const meterIds = Buffer.concat(inTurn.map(({ meterId }) => Buffer.from(meterId, 'hex')));
    return { type: 'enrolled', meterIds, secrets: Buffer.concat(inTurn.map(({ secret }) => secret)), concentrators };
  } finally {
    await platform.close();
  }
}

answering(enrol);
