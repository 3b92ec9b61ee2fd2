import { authorityKeyOf, issuerSubject, type LeafIssuer } from '../../doors/leaf-certificates.ts';
import type { Kms } from '../../ports/kms.ts';
import type { DeviceRole } from '../../ports/platform.ts';

/** Key at the key service of the sub-CA that signs for a role: `CA_KEYS` of topology/keys.ts. */
export function issuerKey(role: DeviceRole): string {
  return `ca-${role}`;
}

/**
 * The sub-CA of a role with its key in the key service. Its own certificate says `CN=Joulekeep <role>` and is signed by the
 * utility's offline root; to sign leaves nothing of it is needed but that name and the public key.
 */
export async function kmsIssuer(kms: Kms, role: DeviceRole): Promise<LeafIssuer> {
  const keyId = issuerKey(role);
  return {
    subject: issuerSubject(role),
    authorityKey: await authorityKeyOf(await kms.getPublicKey(keyId)),
    sign: (bytes) => kms.sign(keyId, bytes),
  };
}
