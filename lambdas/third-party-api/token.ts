import { createHash } from 'node:crypto';
import type { ProblemName } from '../../api/problems.ts';
import type { BearerStore } from '../../platform/ports/bearer-store.ts';
import type { Defences } from '../../topology/defences.ts';

/** What an access token allows: one recipient, one consent. */
export interface Bearing {
  readonly recipient: string;
  readonly consentId: string;
  readonly scope: string;
}

/** Who shows a token, as the handshake proved. */
export interface Shown {
  readonly caller: string;
  /** DER. */
  readonly certificate: Buffer;
}

const BEARER = /^Bearer ([A-Za-z0-9_-]{20,128})$/i;

/**
 * Looks behind an access token. It works with the certificate it was issued to, and with no other: a token that got lost opens nothing.
 * @param authorization the header @source RFC 6750, RFC 8705 3; X.1332 9.3 (sender authentic)
 */
export async function bearingOf(
  store: BearerStore,
  authorization: string | undefined,
  { caller, certificate }: Shown,
  { certificateBoundTokens }: Pick<Defences, 'certificateBoundTokens'>,
): Promise<Bearing | { readonly refused: ProblemName }> {
  const token = BEARER.exec(authorization ?? '')?.[1];
  const payload = token === undefined ? undefined : await store.find('AccessToken', token);
  const { clientId, accountId, grantId, scope } = payload ?? {};
  if (typeof clientId !== 'string' || typeof accountId !== 'string' || typeof grantId !== 'string') return { refused: 'token-invalid' };
  if ((await store.claimedAt('revoked', grantId)) !== undefined) return { refused: 'token-invalid' };
  const thumbprint = createHash('sha256').update(certificate).digest('base64url');
  if (certificateBoundTokens && (payload!['x5t#S256'] !== thumbprint || clientId !== caller)) return { refused: 'certificate-mismatch' };
  return { recipient: clientId, consentId: accountId, scope: typeof scope === 'string' ? scope : '' };
}
