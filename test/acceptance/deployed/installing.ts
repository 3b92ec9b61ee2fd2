import { createHash, type KeyObject, sign } from 'node:crypto';
import { loadKeyring } from '../../../lambdas/shared/keys/manifest.ts';
import type { Platform } from '../../../platform/ports/platform.ts';

export interface Root {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * What people do after the first deployment, as docs/keys-on-aws.md tells them: put the root's public half there, sign what `key-duties`
 * laid out, and let it put the manifest in force. @param operator `operator-cli` @param runKeyDuties invokes the function, which may fail
 * @throws ERR_KEYRING_MISSING when no manifest is in force afterwards
 */
export async function install(operator: Platform, { privateKey, publicKey }: Root, runKeyDuties: () => Promise<unknown>): Promise<void> {
  const { objects } = operator;
  await objects.put('keyring/root', publicKey.export({ format: 'der', type: 'spki' }));
  await runKeyDuties();
  for (const laidOut of await objects.list('keyring/to-sign/')) {
    const manifest = (await objects.get(laidOut))!;
    const name = createHash('sha256').update(manifest).digest('hex');
    await objects.put(`keyring/signed/${name}`, sign('sha256', manifest, privateKey));
  }
  await runKeyDuties();
  await loadKeyring(operator);
}
