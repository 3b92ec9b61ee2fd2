import { type CryptoKey, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { PERSON_ROLES } from '../../topology/route.ts';
import type { ApplicationName, SignedInPerson } from '../ports/identity.ts';

/** An ID token is turned into a session at once. */
const MOST_AGE_SECONDS = 5 * 60;
const TOLERANCE_SECONDS = 5;
const ACCOUNT = /^[A-Za-z0-9._-]{1,64}$/;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** As a provider may name users. */
const LOGIN = /^\S{1,128}$/;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

export interface IdTokenRules {
  /** The issuer's own; what a header names or carries is never asked. */
  readonly key: CryptoKey | JWTVerifyGetKey;
  readonly algorithm: 'ES256' | 'RS256';
  readonly issuer: string;
  /** Client ids at the issuer: of the application the token is to be for. */
  readonly audience: string | readonly string[];
  /** Undefined only under `--prove`: then a sign-in for any application will do. */
  readonly application: ApplicationName | undefined;
  /** UTC ms, by the clock that the issuer goes by. */
  readonly now: number;
  /** Off only under `--prove`: then anything that reads like a token is believed. */
  readonly verified: boolean;
}

/**
 * Who signed in, by an ID token. A customer has an account and no group, a person of the utility one group of ours and no account.
 * @returns the reason of a refusal for the record @source OpenID Connect Core 1.0, 3.1.3.7
 */
export async function readIdToken(idToken: string, rules: IdTokenRules): Promise<SignedInPerson | { readonly refused: string }> {
  try {
    const payload = rules.verified ? await verified(idToken, rules) : decodeJwt(idToken);
    return personOf(payload, rules);
  } catch (error) {
    return { refused: error instanceof errors.JOSEError ? `id-token-${causeOf(error)}` : 'id-token-malformed' };
  }
}

async function verified(idToken: string, { key, algorithm, issuer, audience, now }: IdTokenRules): Promise<JWTPayload> {
  const options = {
    algorithms: [algorithm],
    issuer,
    audience: typeof audience === 'string' ? audience : [...audience],
    currentDate: new Date(now),
    clockTolerance: TOLERANCE_SECONDS,
    maxTokenAge: MOST_AGE_SECONDS,
    requiredClaims: ['exp', 'iat', 'sub', 'nonce', 'auth_time'],
  };
  const { payload } = typeof key === 'function' ? await jwtVerify(idToken, key, options) : await jwtVerify(idToken, key, options);
  return payload;
}

function causeOf(error: errors.JOSEError): string {
  return error instanceof errors.JWTClaimValidationFailed
    ? `claim-${error.claim}`
    : error instanceof errors.JWTExpired
      ? 'expired'
      : 'refused';
}

function personOf(payload: JWTPayload, { now, application }: IdTokenRules): SignedInPerson | { readonly refused: string } {
  const { nonce, auth_time: authTime, aud } = payload;
  // Of several audiences nobody could say which application it was for.
  if (typeof aud !== 'string' || typeof nonce !== 'string' || !THUMBPRINT.test(nonce)) return { refused: 'id-token-nonce' };
  if (typeof authTime !== 'number' || authTime * 1_000 > now + TOLERANCE_SECONDS * 1_000) return { refused: 'id-token-auth-time' };
  const who = whoOf(payload);
  const isTheirs = application === undefined || (application === 'portal') === (who?.role === 'customer');
  return who === undefined || !isTheirs
    ? { refused: 'id-token-role' }
    : { ...who, keyThumbprint: nonce, at: authTime * 1_000, method: methodOf(payload) };
}

function whoOf(payload: JWTPayload): Pick<SignedInPerson, 'person' | 'role' | 'login'> | undefined {
  const { 'custom:account': account, 'cognito:groups': groups, 'cognito:username': name } = payload;
  const ours = Array.isArray(groups) ? PERSON_ROLES.filter((role) => groups.includes(role)) : [];
  if (account !== undefined) {
    if (typeof account !== 'string' || !ACCOUNT.test(account) || ours.length > 0) return undefined;
    return typeof name === 'string' && LOGIN.test(name) ? { person: account, role: 'customer', login: name } : undefined;
  }
  const [role, ...more] = ours;
  if (role === undefined || more.length > 0 || typeof name !== 'string' || !NAME.test(name)) return undefined;
  return { person: name, role, login: name };
}

function methodOf({ amr }: JWTPayload): SignedInPerson['method'] {
  const all = Array.isArray(amr) ? amr : [];
  if (all.includes('pop')) return 'passkey';
  return all.includes('pwd') ? 'passphrase' : 'other';
}
