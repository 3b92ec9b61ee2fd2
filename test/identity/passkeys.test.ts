import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SessionToken } from '../../api/session.ts';
import { SignInList } from '../../api/sign-ins.ts';
import type { Browser } from '../session/browser.ts';
import { type Known, SessionWorld } from '../session/session-world.ts';
import { type Misbehaviour, SoftwareAuthenticator } from './authenticator.ts';

let world: SessionWorld;
let anna: Known;
let browser: Browser;
let made = 0;

beforeAll(async () => {
  world = await SessionWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  anna = await world.known(`anna-${++made}`, { kind: 'customer', account: `account-0000${made}` });
  browser = await world.browser();
});

const keysOf = ({ name }: Known) => world.platform.identity.passkeys.of(world.platform.identity.find(name)!.id);

async function post(path: string, json: unknown, headers: Readonly<Record<string, string>> = {}) {
  return await browser.atProvider(path, { method: 'POST', json, headers });
}

async function register(authenticator: SoftwareAuthenticator, wrong: Misbehaviour = {}): Promise<number> {
  const options = JSON.parse((await post('/passkeys/options', {})).text) as { challenge: string };
  return (await post('/passkeys/add', authenticator.create(options, wrong))).status;
}

/** Somebody with a passkey, at a browser that knows nothing of it. */
async function withPasskey(): Promise<SoftwareAuthenticator> {
  browser = await world.browser();
  await browser.idToken(anna);
  const authenticator = new SoftwareAuthenticator(world.issuer);
  expect(await register(authenticator)).toBe(200);
  browser = await world.browser();
  return authenticator;
}

async function answer(authenticator: SoftwareAuthenticator, place: string, wrong: Misbehaviour = {}) {
  const options = JSON.parse((await post(`${place}/passkey-options`, {})).text) as { challenge: string };
  return await post(`${place}/passkey`, authenticator.get(options, wrong));
}

describe('a passkey', () => {
  it('C10.2-1, R9.2-3: signs in, and the session says how', async () => {
    const authenticator = await withPasskey();
    const { verifier, place } = await browser.ask();
    const { location } = JSON.parse((await answer(authenticator, place)).text) as { location: string };
    const code = (await browser.follow(location)).searchParams.get('code')!;
    const { id_token: idToken } = JSON.parse((await browser.redeem(code, verifier)).text) as { id_token: string };
    const session = SessionToken.parse(JSON.parse((await browser.begin(idToken)).text));
    expect(session).toMatchObject({ person: `account-0000${made}`, method: 'passkey' });
    expect(keysOf(anna)).toHaveLength(1);
    expect(keysOf(anna)[0]!.lastUsedAt).toBeGreaterThan(0);
  });

  it.each<[string, Misbehaviour]>([
    ['of another origin', { origin: 'https://localhost:1' }],
    ['of a page without TLS', { origin: 'http://localhost' }],
    ['of another relying party', { rpId: 'example.org' }],
    ['without the person behind it', { unverified: true }],
    ['to another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
  ])('C10.2-1: an answer %s registers nothing and signs nobody in', async (_, wrong) => {
    await browser.idToken(anna);
    expect(await register(new SoftwareAuthenticator(world.issuer), wrong)).toBe(400);
    expect(keysOf(anna)).toEqual([]);
    const authenticator = await withPasskey();
    const { place } = await browser.ask();
    expect((await answer(authenticator, place, wrong)).status).toBe(401);
    expect((await answer(authenticator, place)).status).toBe(200);
  });

  it('T8.3-3: an answer that signs nobody in is told to whoever the passkey belongs to', async () => {
    const authenticator = await withPasskey();
    const { place } = await browser.ask();
    expect((await answer(authenticator, place, { unverified: true })).status).toBe(401);
    await browser.signIn(anna);
    const { signIns } = SignInList.parse(JSON.parse((await browser.call('GET', '/v1/sign-ins')).text));
    expect(signIns.map(({ refusedBefore }) => refusedBefore)).toEqual([1]);
  });

  it('C10.2-1: answers a challenge once, and only that of its own sign-in', async () => {
    const authenticator = await withPasskey();
    const { place } = await browser.ask();
    const options = JSON.parse((await post(`${place}/passkey-options`, {})).text) as { challenge: string };
    const given = authenticator.get(options);
    const elsewhere = await world.browser();
    const other = await elsewhere.ask();
    expect((await elsewhere.atProvider(`${other.place}/passkey`, { method: 'POST', json: given })).status).toBe(401);
    expect((await post(`${place}/passkey`, given)).status).toBe(200);
    expect((await post(`${place}/passkey`, given)).status).toBe(401);
  });

  it('C10.2-1: a copy that counts behind is refused', async () => {
    const authenticator = await withPasskey();
    const { place } = await browser.ask();
    expect((await answer(authenticator, place, { counter: 7 })).status).toBe(200);
    expect((await answer(authenticator, (await browser.ask({ prompt: 'login' })).place, { counter: 7 })).status).toBe(401);
  });

  it('nobody else’s key, and no key that is nobody’s, signs in', async () => {
    await withPasskey();
    const { place } = await browser.ask();
    expect((await answer(new SoftwareAuthenticator(world.issuer), place)).status).toBe(401);
    for (const junk of [undefined, null, 1, 'a', [], {}, { id: 1 }, { id: 'a', response: {} }])
      expect((await post(`${place}/passkey`, junk)).status).toBe(401);
  });

  it('is listed and removed by its owner, and then signs in no more', async () => {
    const authenticator = await withPasskey();
    await browser.idToken(anna);
    const page = await browser.atProvider('/passkeys');
    expect(page.text).toContain('Passkey, on one device');
    const removed = await browser.atProvider('/passkeys/remove', { method: 'POST', form: { id: keysOf(anna)[0]!.id } });
    expect(removed.status).toBe(303);
    expect(keysOf(anna)).toEqual([]);
    browser = await world.browser();
    expect((await answer(authenticator, (await browser.ask()).place)).status).toBe(401);
  });

  it('cannot be removed by somebody else, nor registered a second time by anybody', async () => {
    const authenticator = await withPasskey();
    const victim = anna;
    anna = await world.known(`bert-${made}`, { kind: 'customer', account: 'account-00099' });
    await browser.idToken(anna);
    await browser.atProvider('/passkeys/remove', { method: 'POST', form: { id: keysOf(victim)[0]!.id } });
    expect(keysOf(victim)).toHaveLength(1);
    expect(await register(authenticator)).toBe(400);
    expect(keysOf(anna)).toEqual([]);
  });

  it('T8.3-3: is added by nobody who is not signed in, and from no page of somebody else', async () => {
    expect((await post('/passkeys/options', {})).status).toBe(403);
    expect((await browser.atProvider('/passkeys')).status).toBe(401);
    await browser.idToken(anna);
    for (const origin of ['https://evil.example', 'null', browser.origin])
      expect((await post('/passkeys/options', {}, { origin })).status, origin).toBe(403);
    expect((await post('/passkeys/options', {})).status).toBe(200);
  });
});
