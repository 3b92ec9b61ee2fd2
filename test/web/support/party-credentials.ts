import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certify } from '../../../bin/commands/recipient.ts';
import { changeRecipient } from '../../../lambdas/shared/feeds/recipients.ts';
import { createEmbeddedPlatform, type Embedded } from '../../../platform/embedded/platform.ts';
import { deviceKey } from '../../support/memory-ca.ts';

/** The third party of the browser tests: by the hour, for load shifting, thirteen months back. */
export const ADVICE = {
  id: 'kettle-advice',
  name: 'Kettle Advice',
  callback: 'https://kettle-advice.example/callback',
  scope: 'FB=4_5_15;IntervalDuration=3600;BlockDuration=monthly;HistoryLength=13',
} as const;

/** PEM each. */
export interface PartyCredentials {
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

const FILE = 'kettle-advice.json';

/** A key and a certificate for a third party that is registered. @param at UTC ms */
export async function credentialsOf(platform: Embedded, recipient: string, at: number): Promise<PartyCredentials> {
  const { privateKey, csr } = await deviceKey(recipient);
  const certificate = new X509Certificate(await certify(platform, recipient, csr, at)).toString();
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { key, certificate, ca: platform.ca.rootPem };
}

/** Registers the third party in a state that no service runs on, where it is not there yet. */
export async function partyOf(state: string): Promise<PartyCredentials> {
  const file = join(state, FILE);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as PartyCredentials;
  const platform = await createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.now() }, timer: false });
  try {
    const { id: recipientId, name, callback } = ADVICE;
    const at = Date.now();
    await changeRecipient(platform.as('enrol'), recipientId, {
      ...{ type: 'RegisterRecipient', recipientId, name, redirectUris: [callback], at },
    });
    const credentials = await credentialsOf(platform, recipientId, at);
    writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 });
    return credentials;
  } finally {
    await platform.close();
  }
}
