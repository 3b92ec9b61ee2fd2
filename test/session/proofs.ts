import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type JWK, SignJWT } from 'jose';

/** The key of a browser. */
export interface BrowserKey {
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
  /** RFC 7638, computed here by hand. */
  readonly thumbprint: string;
}

export function newKey(namedCurve: 'P-256' | 'P-384' = 'P-256'): BrowserKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' }) as Required<JWK>;
  const canonical = JSON.stringify({ crv, kty, x, y });
  return { privateKey, jwk: { kty, crv, x, y }, thumbprint: createHash('sha256').update(canonical).digest('base64url') };
}

/** What a proof says; what is given takes the place of what is usual. */
export interface ProofWish {
  readonly htm: string;
  readonly htu: string;
  /** UTC ms. */
  readonly at: number;
  readonly token?: string;
  readonly jti?: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

export async function proofOf(key: BrowserKey, { htm, htu, at, token, jti = randomUUID(), header, claims }: ProofWish): Promise<string> {
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
  const payload = { htm, htu, jti, iat: Math.floor(at / 1_000), ...ath, ...claims };
  return await new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header }).sign(key.privateKey);
}
