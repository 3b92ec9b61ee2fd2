import { createPublicKey, verify } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { Kms } from './kms.ts';

/** More generations than a key ever has. */
const GENERATIONS = 64;

/** Whether any generation of a signing key made this signature: ECDSA P-256 with SHA-256, r || s. What was signed is older than the key in use. */
export async function signedBy(kms: Kms, keyId: string, message: Buffer, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  for await (const key of publicKeys(kms, keyId)) if (fits(key, message, signature)) return true;
  return false;
}

/** Public halves of a signing key, SPKI DER: the one in use, then every generation there was. */
export async function generationsOf(kms: Pick<Kms, 'getPublicKey'>, keyId: string): Promise<Buffer[]> {
  return await Array.fromAsync(publicKeys(kms, keyId));
}

async function* publicKeys(kms: Pick<Kms, 'getPublicKey'>, keyId: string): AsyncGenerator<Buffer, void, void> {
  yield await kms.getPublicKey(keyId);
  for (let generation = 1; generation <= GENERATIONS; generation++) {
    const key = await publicKeyOf(kms, `${keyId}-${generation}`);
    if (key === undefined) return;
    yield key;
  }
}

async function publicKeyOf(kms: Pick<Kms, 'getPublicKey'>, keyId: string): Promise<Buffer | undefined> {
  try {
    return await kms.getPublicKey(keyId);
  } catch (error) {
    if (error instanceof JoulekeepError && error.code === 'ERR_KMS_NOT_FOUND') return undefined;
    throw error;
  }
}

/** @param spki DER */
function fits(spki: Buffer, message: Buffer, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
