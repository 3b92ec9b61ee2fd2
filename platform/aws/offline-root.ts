import { createHash, createPublicKey, verify } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import { rawSignature } from '../kms/der-signature.ts';
import type { ObjectStore } from '../ports/platform.ts';

/** SPKI DER of the root that is pinned in the meters; put there when the service is installed. */
const ROOT = 'keyring/root';
const RAW_BYTES = 64;

/**
 * The root that signs key manifests, which no machine of the service has: what is to be signed is laid out as
 * `keyring/to-sign/<SHA-256>`, and people who have the root bring its signature as `keyring/signed/<SHA-256>`, in DER as OpenSSL
 * writes it or as r || s. @returns the signature, r || s
 * @throws ERR_MANIFEST_UNSIGNED until they have, ERR_MANIFEST_SIGNATURE when what they brought is not the root's
 */
export function offlineRoot(objects: ObjectStore): (bytes: Buffer) => Promise<Buffer> {
  return async (bytes) => {
    const name = createHash('sha256').update(bytes).digest('hex');
    const [root, brought] = await Promise.all([objects.get(ROOT), objects.get(`keyring/signed/${name}`)]);
    if (root === undefined || brought === undefined) {
      await objects.put(`keyring/to-sign/${name}`, bytes);
      throw new JoulekeepError('ERR_MANIFEST_UNSIGNED', `sign keyring/to-sign/${name}`);
    }
    const signature = brought.length === RAW_BYTES ? brought : rawSignature(brought);
    const key = createPublicKey({ key: root, format: 'der', type: 'spki' });
    if (!verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature))
      throw new JoulekeepError('ERR_MANIFEST_SIGNATURE', `keyring/signed/${name} is not the root's signature of it`);
    return signature;
  };
}
