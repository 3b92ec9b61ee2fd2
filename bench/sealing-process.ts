import { writeFileSync } from 'node:fs';
import { createEmbeddedPlatform } from '../platform/embedded/platform.ts';
import { answering } from './ipc.ts';
import { enrolled, hourFile, hourOfMessages, START } from './sealed-load.ts';

/** Enrols a town into a state directory, seals all its hours and ends: the meters' work, keys and garbage are not the service's. */
export interface SealingRequest {
  readonly type: 'seal';
  readonly stateDir: string;
  /** Gets one file an hour, a queue message on each line. */
  readonly folder: string;
  readonly meters: number;
  readonly hours: number;
}

export interface SealedAnswer {
  readonly type: 'sealed';
}

async function seal({ stateDir, folder, meters, hours }: SealingRequest): Promise<SealedAnswer> {
  const platform = await createEmbeddedPlatform({ stateDir, clock: { now: () => START }, timer: false });
  try {
    const groups = await enrolled((principal) => platform.as(principal), meters);
    for (let hour = 1; hour <= hours; hour++) writeFileSync(hourFile(folder, hour), hourOfMessages(groups, hour).join('\n'), 'latin1');
    return { type: 'sealed' };
  } finally {
    await platform.close();
  }
}

answering(seal);
