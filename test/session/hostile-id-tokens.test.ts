import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeOf } from '../platform/https-fixture.ts';
import type { Browser } from './browser.ts';
import { type IdTokenUsual, type IdTokenWish, signedIdToken, unsignedIdToken } from './id-tokens.ts';
import { newKey } from './proofs.ts';
import { SessionWorld } from './session-world.ts';

const MINUTE = 60_000;
let world: SessionWorld;
let browser: Browser;

beforeAll(async () => {
  world = await SessionWorld.open();
});
afterAll(() => world.close());

/** A token that would be taken, but for what differs. */
async function usual(): Promise<IdTokenUsual> {
  browser = await world.browser();
  const { issuer } = world;
  // The provider goes by the machine's clock.
  return {
    issuer,
    audience: 'portal',
    nonce: browser.key.thumbprint,
    at: Date.now(),
    who: { 'custom:account': 'account-00001', 'cognito:username': 'anna' },
  };
}

const signing = () => world.platform.identityKey.privateKey;
const spki = (format: 'pem' | 'der') =>
  world.platform.identityKey.publicKey.export({ format, type: 'spki' } as { format: 'pem'; type: 'spki' });

async function refusal(idToken: string) {
  const answered = await browser.begin(idToken);
  return { status: answered.status, shape: shapeOf(answered) };
}

/** What everybody gets who is refused, to hold others against. */
async function uniform() {
  await usual();
  return await refusal('not.a.token');
}

const second = (at: number) => Math.floor(at / 1_000);
const WRONG: Readonly<Record<string, (now: number) => IdTokenWish>> = {
  'that is over': (now) => ({ claims: { exp: second(now - MINUTE), iat: second(now - 4 * MINUTE) } }),
  'that was issued six minutes ago, whenever it ends': (now) => ({
    claims: { iat: second(now - 6 * MINUTE), exp: second(now + 60 * MINUTE) },
  }),
  'that is issued in the future': (now) => ({ claims: { iat: second(now + 2 * MINUTE) } }),
  'that never ends': () => ({ leftOut: ['exp'] }),
  'of another issuer': () => ({ claims: { iss: 'https://localhost:1' } }),
  'of the issuer by another spelling': () => ({ claims: { iss: `${world.issuer}/` } }),
  'for another application': () => ({ claims: { aud: 'console' } }),
  'for nobody': () => ({ leftOut: ['aud'] }),
  'for two applications': () => ({ claims: { aud: ['portal', 'console'] } }),
  'that names no key': () => ({ leftOut: ['nonce'] }),
  'that names a key of another kind': () => ({ claims: { nonce: 'a-nonce' } }),
  'that says not when somebody signed in': () => ({ leftOut: ['auth_time'] }),
  'of somebody who will have signed in': (now) => ({ claims: { auth_time: second(now + 10 * MINUTE) } }),
  'of nobody': () => ({ leftOut: ['custom:account'] }),
  'of an account with a place in the store': () => ({ claims: { 'custom:account': 'account/../account-00002' } }),
  'of a customer who is a supervisor as well': () => ({ claims: { 'cognito:groups': ['supervisor'] } }),
  'with a header that must be understood and is not': () => ({ header: { crit: ['x'], x: 1 } }),
};

describe('an ID token at the door', () => {
  it('C10.2-1: begins a session when the provider signed it for this application and this key', async () => {
    const idToken = await signedIdToken(signing(), await usual());
    const answered = await browser.begin(idToken);
    expect(answered.status).toBe(200);
    expect(JSON.parse(answered.text)).toMatchObject({ person: 'account-00001', role: 'customer', method: 'passphrase' });
  });

  it.each(Object.entries(WRONG))('C10.2-1: %s begins none', async (_, wish) => {
    const expected = await uniform();
    const idToken = await signedIdToken(signing(), await usual(), wish(Date.now()));
    expect(await refusal(idToken)).toEqual(expected);
    expect(expected.status).toBe(401);
  });

  it('C10.2-1: whoever signs with a key of their own is nobody, whatever the header says where the key lies', async () => {
    const expected = await uniform();
    const { privateKey, jwk } = newKey();
    for (const header of [
      {},
      { jwk },
      { jku: 'https://localhost:1/jwks' },
      { x5u: 'https://localhost:1/cert' },
      { kid: '../../../../etc/passwd' },
      { kid: "' OR 1=1 --" },
      { kid: 'x', jwk },
    ])
      expect(await refusal(await signedIdToken(privateKey, await usual(), { header })), JSON.stringify(header)).toEqual(expected);
  });

  it('C10.2-1: no algorithm but the one of the issuer counts, and its public key is no secret', async () => {
    const expected = await uniform();
    for (const alg of ['none', 'None', 'NONE']) expect(await refusal(unsignedIdToken({ alg }, await usual()))).toEqual(expected);
    const raw = JSON.stringify(world.platform.identityKey.publicKey.export({ format: 'jwk' }));
    for (const secret of [spki('pem'), spki('der'), raw, ''])
      expect(await refusal(unsignedIdToken({ alg: 'HS256', typ: 'JWT' }, await usual(), secret))).toEqual(expected);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
    const claims = { iss: world.issuer, aud: 'portal', nonce: browser.key.thumbprint, 'custom:account': 'account-00001' };
    for (const alg of ['RS256', 'PS256'])
      expect(await refusal(await new SignJWT(claims).setProtectedHeader({ alg }).setIssuedAt().setExpirationTime('5m').sign(rsa))).toEqual(
        expected,
      );
  });

  it('C10.2-1: a letter changed anywhere makes it nobody’s', async () => {
    const expected = await uniform();
    const idToken = await signedIdToken(signing(), await usual());
    const [head = '', body = '', signature = ''] = idToken.split('.');
    const account = Buffer.from(Buffer.from(body, 'base64url').toString().replace('account-00001', 'account-00002')).toString('base64url');
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    for (const changed of [`${head}.${account}.${signature}`, `${head}.${body}.${flipped}`, `${head}.${body}.`, `${head}.${body}`])
      expect(await refusal(changed)).toEqual(expected);
  });

  it('R9.2-3: is taken once, also with another signature over the same words, and also by two at the same moment', async () => {
    const expected = await uniform();
    const wanted = await usual();
    const idToken = await signedIdToken(signing(), wanted);
    const both = await Promise.all([browser.begin(idToken), browser.begin(idToken)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(await refusal(idToken)).toEqual(expected);
    expect(await refusal(await signedIdToken(signing(), wanted))).toEqual(expected);
  });

  it('R9.2-3: whoever has the token and not the key begins nothing', async () => {
    const expected = await uniform();
    const idToken = await signedIdToken(signing(), await usual());
    const thief = newKey();
    expect(shapeOf(await browser.begin(idToken, {}, thief))).toEqual(expected.shape);
    expect(shapeOf(await browser.begin(idToken, null))).toEqual(expected.shape);
    expect(shapeOf(await browser.begin(idToken, { htm: 'GET' }))).toEqual(expected.shape);
    expect(shapeOf(await browser.begin(idToken, { htu: `${browser.origin}/v1/sessions` }))).toEqual(expected.shape);
    expect(shapeOf(await browser.begin(idToken, { at: world.clock.now() - 2 * MINUTE }))).toEqual(expected.shape);
    expect((await browser.begin(idToken)).status).toBe(200);
  });

  it('a request without a token, or with more than one, is no request', async () => {
    const url = browser.origin + browser.beginPath;
    for (const json of [{}, { idToken: '' }, { idToken: ['a', 'b'] }, { idToken: 'a', more: 1 }, { idToken: 'a'.repeat(8_193) }])
      expect((await world.send(url, { method: 'POST', json })).status).toBe(400);
  });

  it('C10.2-2: of a person of the utility begins none at the customers’ door, nor one of a customer at the console', async () => {
    const expected = await uniform();
    const person = { 'cognito:username': 'ann', 'cognito:groups': ['supervisor'] };
    const wanted = { ...(await usual()), who: person };
    expect(await refusal(await signedIdToken(signing(), { ...wanted, audience: 'console' }))).toEqual(expected);
    expect(await refusal(await signedIdToken(signing(), wanted))).toEqual(expected);
    const customer = await usual();
    browser = await world.browser('console');
    const nonce = browser.key.thumbprint;
    expect((await refusal(await signedIdToken(signing(), { ...customer, nonce }))).shape.told).toEqual(expected.shape.told);
    expect((await refusal(await signedIdToken(signing(), { ...customer, nonce, audience: 'console' }))).shape.told).toEqual(
      expected.shape.told,
    );
    expect((await browser.begin(await signedIdToken(signing(), { ...wanted, nonce, audience: 'console' }))).status).toBe(200);
  });

  it('C10.2-2: a person of the utility has one role of ours, and a name as certificates have it', async () => {
    const begin = async (claims: Readonly<Record<string, unknown>>) => {
      const wanted = { ...(await usual()), who: {} };
      browser = await world.browser('console');
      const nonce = browser.key.thumbprint;
      return (await browser.begin(await signedIdToken(signing(), { ...wanted, nonce, audience: 'console' }, { claims }))).status;
    };
    const name = { 'cognito:username': 'ann' };
    expect(await begin({ ...name, 'cognito:groups': ['auditor', 'tennis'] })).toBe(200);
    for (const groups of [[], ['tennis'], ['operator', 'auditor'], ['grid-operator'], ['public'], 'operator', ['toString']])
      expect(await begin({ ...name, 'cognito:groups': groups }), String(groups)).toBe(401);
    for (const wrong of ['Ann', 'ann smith', '', '../ann', undefined])
      expect(await begin({ 'cognito:groups': ['operator'], 'cognito:username': wrong }), wrong).toBe(401);
  });

  it('what the identity provider says is told nobody but the log', async () => {
    expect(world.refused.size).toBe(0);
    const { readFileSync } = await import('node:fs');
    const log = readFileSync(`${world.directory}/state/log.jsonl`, 'utf8');
    for (const reason of [
      'id-token-claim-iss',
      'id-token-claim-aud',
      'id-token-expired',
      'id-token-used',
      'proof-other-key',
      'id-token-role',
    ])
      expect(log).toContain(`"${reason}"`);
    expect(log).not.toContain('account-0000');
  });
});
