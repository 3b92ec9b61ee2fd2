import { createHmac, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** What an ID token says besides what is usual. */
export interface IdTokenWish {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly leftOut?: readonly string[];
}

export interface IdTokenUsual {
  readonly issuer: string;
  readonly audience: string;
  readonly nonce: string;
  /** UTC ms. */
  readonly at: number;
  readonly who: Readonly<Record<string, unknown>>;
}

function claimsOf({ issuer, audience, nonce, at, who }: IdTokenUsual, { claims, leftOut = [] }: IdTokenWish): Record<string, unknown> {
  const now = Math.floor(at / 1_000);
  const usual = { iss: issuer, aud: audience, sub: 'somebody', nonce, iat: now, exp: now + 300, auth_time: now, amr: ['pwd'], ...who };
  return Object.fromEntries(Object.entries({ ...usual, ...claims }).filter(([name]) => !leftOut.includes(name)));
}

/** Signed as the provider signs, by whatever key. */
export async function signedIdToken(key: KeyObject, usual: IdTokenUsual, wish: IdTokenWish = {}): Promise<string> {
  return await new SignJWT(claimsOf(usual, wish)).setProtectedHeader({ alg: 'ES256', ...wish.header }).sign(key, { crit: { x: true } });
}

/** Signed by nobody, or with the public key as if it were a secret. */
export function unsignedIdToken(header: Readonly<Record<string, unknown>>, usual: IdTokenUsual, secret?: string | Buffer): string {
  const parts = [header, claimsOf(usual, {})].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${parts}.${secret === undefined ? '' : createHmac('sha256', secret).update(parts).digest('base64url')}`;
}
