import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { CognitoIdentity, cognitoIdentity } from '../../platform/aws/identity.ts';
import { newKey } from '../session/proofs.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';

const ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aBcDeFgHi';
const HOSTED = 'https://joulekeep-dev.auth.eu-central-1.amazoncognito.com';
const CLIENTS = { portal: 'portalclient', console: 'consoleclient' };
const clock = new ManualClock(Date.UTC(2026, 4, 1));
const pool = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const jwk = { ...pool.publicKey.export({ format: 'jwk' }), kid: 'a', alg: 'RS256', use: 'sig' };
const { thumbprint } = newKey();

const identity = new CognitoIdentity({
  ...{ issuer: ISSUER, hosted: HOSTED, clients: CLIENTS, clock },
  defences: defencesUnderTest(),
  keys: createLocalJWKSet({ keys: [jwk] }),
  users: { isActive: async ({ login }) => login === 'b3a1' },
});

interface Wish {
  readonly key?: KeyObject | Uint8Array;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

async function idToken({ key = pool.privateKey, header, claims }: Wish = {}): Promise<string> {
  const now = clock.now() / 1_000;
  const usual = {
    ...{ iss: ISSUER, aud: CLIENTS.portal, sub: 'b3a1', token_use: 'id', iat: now, exp: now + 3_600, auth_time: now },
    ...{ nonce: thumbprint, 'cognito:username': 'b3a1', 'custom:account': 'account-00001' },
  };
  return await new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'a', ...header }).sign(key);
}

describe('a user pool as identity provider', () => {
  it('C10.2-1: says who a customer is, and who a person of the utility', async () => {
    expect(await identity.verify(await idToken(), 'portal')).toEqual({
      ...{ person: 'account-00001', role: 'customer', login: 'b3a1', keyThumbprint: thumbprint, at: clock.now(), method: 'other' },
    });
    const claims = { aud: CLIENTS.console, 'custom:account': undefined, 'cognito:groups': ['auditor'], 'cognito:username': 'ann' };
    expect(await identity.verify(await idToken({ claims }), 'console')).toMatchObject({ person: 'ann', role: 'auditor' });
  });

  it.each<[string, Wish]>([
    ['another pool', { claims: { iss: `${ISSUER}x` } }],
    ['another client', { claims: { aud: CLIENTS.console } }],
    ['one that is over', { claims: { exp: clock.now() / 1_000 - 60 } }],
    ['one of an hour ago', { claims: { iat: clock.now() / 1_000 - 3_000 } }],
    ['a key that the pool does not publish', { key: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey }],
    ['an unknown name of a key', { header: { kid: 'b' } }],
    [
      'the public key as a secret',
      {
        key: createPublicKey(pool.publicKey.export({ format: 'pem', type: 'spki' }) as string).export({ format: 'der', type: 'spki' }),
        header: { alg: 'HS256' },
      },
    ],
    ['no nonce', { claims: { nonce: undefined } }],
  ])('C10.2-1: believes nothing of %s', async (_, wish) => {
    expect(await identity.verify(await idToken(wish), 'portal')).toMatchObject({ refused: expect.stringMatching(/^id-token-/) });
  });

  it('C10.2-2: believes no sign-in of one application at the other', async () => {
    expect(await identity.verify(await idToken(), 'console')).toHaveProperty('refused');
    expect(await identity.verify(await idToken({ claims: { aud: CLIENTS.console } }), 'console')).toHaveProperty('refused');
  });

  it('is made of its environment, or not at all', () => {
    const told = {
      ...{ JOULEKEEP_IDENTITY_ISSUER: ISSUER, JOULEKEEP_IDENTITY_HOSTED: HOSTED },
      ...{ JOULEKEEP_PORTAL_CLIENT: CLIENTS.portal, JOULEKEEP_CONSOLE_CLIENT: CLIENTS.console },
    };
    expect(cognitoIdentity({ clock }, defencesUnderTest(), told).endpoints).toEqual({
      issuer: ISSUER,
      authorization: `${HOSTED}/oauth2/authorize`,
      token: `${HOSTED}/oauth2/token`,
      endSession: `${HOSTED}/logout`,
      passkeys: `${HOSTED}/passkeys/add`,
    });
    for (const name of Object.keys(told))
      expect(() => cognitoIdentity({ clock }, defencesUnderTest(), { ...told, [name]: 'http://x' })).toThrow(
        expect.objectContaining({ code: 'ERR_ENVIRONMENT' }),
      );
  });
});
