import type { FeedKeys } from '../../../api/operator.ts';
import type { Kms } from '../../../platform/ports/kms.ts';
import { keyThumbprint } from '../../../protocol/key-list.ts';
import { publicKeyOf } from './jws-signer.ts';

/** Public halves as a JWK set. What to pin: a receiver compares it with what it was told when the contract was made. @source RFC 7517 */
export async function signingKeys(kms: Pick<Kms, 'getPublicKey'>, keyIds: readonly string[]): Promise<FeedKeys> {
  const keys = await Promise.all(
    keyIds.map(async (id) => {
      const key = await publicKeyOf(kms, id);
      const { kty = '', crv = '', x = '', y = '' } = key.export({ format: 'jwk' });
      return { kid: keyThumbprint(key), use: 'sig', alg: 'ES256', kty, crv, x, y };
    }),
  );
  return { keys };
}
