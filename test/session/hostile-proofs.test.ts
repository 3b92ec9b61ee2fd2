import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeOf } from '../platform/https-fixture.ts';
import type { Browser } from './browser.ts';
import { newKey, type ProofWish } from './proofs.ts';
import { type Known, SessionWorld } from './session-world.ts';

const MINUTE = 60_000;
const LIST = '/v1/sessions';
let world: SessionWorld;
let anna: Known;
let browser: Browser;

beforeAll(async () => {
  world = await SessionWorld.open();
  anna = await world.known('anna', { kind: 'customer', account: 'account-00001' });
  browser = await world.signedIn('portal', anna);
});
afterAll(() => world.close());

/** What everybody gets who is refused. */
const uniform = async () => shapeOf(await world.send(browser.origin + LIST, { headers: { authorization: `DPoP ${'A'.repeat(43)}` } }));
const refused = async (wish: Partial<ProofWish> | null, key = browser.key) => {
  const answered = await browser.call('GET', LIST, wish, key);
  expect(answered.status).toBe(401);
  return shapeOf(answered);
};

describe('a session’s token', () => {
  it('R9.2-3, C10.2-1: works with a proof of this request by the key that signed in, and each with its own', async () => {
    for (let i = 0; i < 3; i++) expect((await browser.call('GET', LIST)).status).toBe(200);
  });

  it('R9.2-3, C10.2-1, T8.3-3: works with no other proof, and the answer is always the same', async () => {
    const expected = await uniform();
    const { privateKey, jwk, thumbprint } = newKey();
    const now = world.clock.now();
    const own = browser.key;
    const wrong: Readonly<Record<string, [Partial<ProofWish> | null, typeof own?]>> = {
      'no proof': [null],
      'another key': [{}, { privateKey, jwk, thumbprint }],
      'another key that shows the right one': [{}, { privateKey, jwk: own.jwk, thumbprint }],
      'another method': [{ htm: 'DELETE' }],
      'another method by case': [{ htm: 'get' }],
      'another path': [{ htu: `${browser.origin}/v1/session` }],
      'another door': [{ htu: `${world.addressOf('console')}${LIST}` }],
      'the door by another name': [{ htu: `https://127.0.0.1:${new URL(browser.origin).port}${LIST}` }],
      'with a query': [{ htu: `${browser.origin}${LIST}?a=b` }],
      'another token': [{ token: 'B'.repeat(43) }],
      'no token': [{ claims: { ath: undefined } }],
      'the token itself for its hash': [{ claims: { ath: browser.session!.token } }],
      'a minute old': [{ at: now - MINUTE - 1_000 }],
      'a minute early': [{ at: now + MINUTE + 2_000 }],
      'no time': [{ claims: { iat: undefined } }],
      'no name': [{ claims: { jti: undefined } }],
      'a short name': [{ jti: 'a' }],
      'a long name': [{ jti: 'a'.repeat(129) }],
      'another type': [{ header: { typ: 'JWT' } }],
      'another type by media type': [{ header: { typ: 'application/dpop+jwt' } }],
      'no key': [{ header: { jwk: undefined } }],
      'a critical header': [{ header: { crit: ['b64'], b64: true } }],
    };
    for (const [name, [wish, key]] of Object.entries(wrong)) expect(await refused(wish, key), name).toEqual(expected);
    expect((await browser.call('GET', LIST)).status).toBe(200);
  });

  it('R9.2-3, C10.2-1: carries no private key and no key of another kind', async () => {
    const expected = await uniform();
    const own = browser.key;
    const { d } = own.privateKey.export({ format: 'jwk' });
    expect(await refused({ header: { jwk: { ...own.jwk, d } } })).toEqual(expected);
    const other = newKey('P-384');
    expect(await refused({ header: { alg: 'ES384' } }, other)).toEqual(expected);
    expect(await refused({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })).toEqual(expected);
    expect(await refused({ header: { jwk: { ...own.jwk, crv: 'P-384' } } })).toEqual(expected);
    expect(await refused({ header: { jwk: { ...own.jwk, x: own.jwk.y } } })).toEqual(expected);
  });

  it.each([
    '',
    'a',
    'a.b.c',
    '..',
    'e30.e30.',
    `${Buffer.from('{"alg":"none","typ":"dpop+jwt"}').toString('base64url')}.e30.`,
    'x'.repeat(5_000),
  ])('R9.2-3: %.20s is no proof', async (dpop) => {
    const { authorization } = await browser.headers('GET', LIST, null);
    expect((await world.send(browser.origin + LIST, { headers: { authorization: authorization!, dpop } })).status).toBe(401);
  });

  it('R9.2-3: a proof works once, also of two at the same moment, and also where it was used at another place', async () => {
    const expected = await uniform();
    const headers = await browser.headers('GET', LIST);
    const both = await Promise.all([1, 2].map(() => world.send(browser.origin + LIST, { headers })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(shapeOf(await world.send(browser.origin + LIST, { headers }))).toEqual(expected);
    expect(await refused({ jti: await jtiUsed() })).toEqual(expected);
  });

  async function jtiUsed(): Promise<string> {
    const jti = 'a-name-of-a-proof';
    await browser.call('POST', '/v1/session/renewal', { jti });
    return jti;
  }

  it('R9.2-3: a proof is for this door by its own name, whatever the caller calls it', async () => {
    for (const name of ['evil.example', `127.0.0.1:${new URL(browser.origin).port}`]) {
      const headers = { host: name, ...(await browser.headers('GET', LIST, { htu: `https://${name}${LIST}` })) };
      expect((await world.send(browser.origin + LIST, { headers })).status, name).toBe(401);
      const right = { host: name, ...(await browser.headers('GET', LIST)) };
      expect((await world.send(browser.origin + LIST, { headers: right })).status, name).toBe(200);
    }
  });

  it('R9.2-3: what two proofs of one name are worth apart, two browsers do not share', async () => {
    const other = await world.signedIn('portal', anna);
    expect((await other.call('GET', LIST, { jti: 'one-name-of-two' })).status).toBe(200);
    expect((await browser.call('GET', LIST, { jti: 'one-name-of-two' })).status).toBe(200);
  });

  it('T8.3-3: is worth nothing in another scheme, in the address, in a cookie, or twice', async () => {
    const { token } = browser.session!;
    const ask = async (headers: Record<string, string>, query = '') =>
      (await world.send(browser.origin + LIST + query, { headers: { ...headers } })).status;
    const proof = async () => (await browser.headers('GET', LIST))['dpop']!;
    expect(await ask({ authorization: `Bearer ${token}`, dpop: await proof() })).toBe(401);
    expect(await ask({ dpop: await proof() }, `?access_token=${token}`)).toBe(401);
    expect(await ask({ cookie: `token=${token}`, dpop: await proof() })).toBe(401);
    expect(await ask({ authorization: `DPoP ${token} ${token}`, dpop: await proof() })).toBe(401);
    expect(await ask({ authorization: `DPoP ${token}`, dpop: `${await proof()}, ${await proof()}` })).toBe(401);
    expect(await ask({ authorization: `dpop ${token}`, dpop: await proof() })).toBe(200);
  });

  it('T8.3-3: is nowhere in what is stored or logged, and neither is its account in the rows', async () => {
    const { readdirSync, readFileSync } = await import('node:fs');
    const { token, session } = browser.session!;
    const files = readdirSync(`${world.directory}/state`, { withFileTypes: true }).filter((file) => file.isFile());
    const bytes = Buffer.concat(files.map(({ name }) => readFileSync(`${world.directory}/state/${name}`)));
    expect(bytes.includes(token)).toBe(false);
    expect(bytes.includes(session)).toBe(false);
    expect(bytes.includes(createHash('sha256').update(token).digest('hex'))).toBe(true);
    expect(readFileSync(`${world.directory}/state/log.jsonl`, 'utf8')).not.toContain('account-00001');
  });

  it('why was counted for each', () => {
    const reasons = [...world.refused.keys()];
    for (const reason of [
      'proof-missing',
      'proof-other-key',
      'proof-elsewhere',
      'proof-token',
      'proof-time',
      'proof-type',
      'proof-key',
      'proof-used',
    ])
      expect(reasons).toContain(reason);
  });
});
