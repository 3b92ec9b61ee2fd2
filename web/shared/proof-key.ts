import { toBase64url } from '../../protocol/portable/base64url.ts';
import { thumbprintInput } from '../../protocol/portable/listed-keys.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { randomText, sha256, utf8 } from './base64url.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** Key pair of a browser's session. */
export interface ProofKey {
  /** Not extractable: whoever runs code in the page can use it, and nobody can take it along. @source X.1332 9.2, 10.2 */
  readonly privateKey: CryptoKey;
  readonly x: string;
  readonly y: string;
}

/** What a proof is for. */
export interface ProofOf {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  /** Access token that goes with it. */
  readonly token?: string;
  /** UTC ms. */
  readonly at: number;
}

export async function makeProofKey({ browserStorage }: Pick<Defences, 'browserStorage'> = ALL_DEFENCES): Promise<ProofKey> {
  const pair = await crypto.subtle.generateKey(EC, !browserStorage, ['sign', 'verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  return { privateKey: pair.privateKey, x, y };
}

/** @source RFC 7638 */
export function thumbprintOf(point: Pick<ProofKey, 'x' | 'y'>): Promise<string> {
  return sha256(thumbprintInput(point));
}

/** A proof of possession for one request, good once. @source RFC 9449 */
export async function proofFor({ privateKey, x, y }: ProofKey, { method, url, token, at }: ProofOf): Promise<string> {
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x, y } };
  const claims = {
    jti: randomText(16),
    htm: method,
    htu: url,
    iat: Math.floor(at / 1000),
    ...(token !== undefined && { ath: await sha256(token) }),
  };
  const input = `${part(header)}.${part(claims)}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, utf8(input));
  return `${input}.${toBase64url(new Uint8Array(signature))}`;
}

function part(value: object): string {
  return toBase64url(utf8(JSON.stringify(value)));
}
