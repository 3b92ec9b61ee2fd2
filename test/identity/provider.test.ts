import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SessionToken } from '../../api/session.ts';
import type { Browser } from '../session/browser.ts';
import { type Known, SessionWorld } from '../session/session-world.ts';

let world: SessionWorld;
let anna: Known;
let oscar: Known;
let made = 0;

beforeAll(async () => {
  world = await SessionWorld.open();
  anna = await world.known('anna', { kind: 'customer', account: 'account-00001' });
  oscar = await world.known('oscar', { kind: 'person', role: 'operator' });
});
afterAll(() => world.close());

const codeOf = async (browser: Browser, place: string, known: Known) =>
  (await browser.follow(String((await browser.passphrase(place, known)).headers['location']))).searchParams;

describe('the identity provider', () => {
  it('C10.2-1: says of a customer the account, of a person the group, and to both which key asked and when they signed in', async () => {
    const portal = await world.browser();
    const said = decodeJwt(await portal.idToken(anna));
    expect(said).toMatchObject({
      iss: world.issuer,
      aud: 'portal',
      nonce: portal.key.thumbprint,
      'custom:account': 'account-00001',
      amr: ['pwd'],
    });
    expect(said['cognito:groups']).toBeUndefined();
    expect(said['auth_time']).toBeGreaterThan(Date.now() / 1_000 - 60);
    const console = await world.browser('console');
    const person = decodeJwt(await console.idToken(oscar));
    expect(person).toMatchObject({ aud: 'console', 'cognito:groups': ['operator'], 'cognito:username': 'oscar' });
    expect(person['custom:account']).toBeUndefined();
  });

  it('C10.2-1: prompt=none gives a code while the browser is signed in, and login_required when it is not', async () => {
    const browser = await world.browser();
    const before = new URL((await browser.ask({ prompt: 'none' })).place);
    expect([before.origin, before.searchParams.get('error')]).toEqual([browser.origin, 'login_required']);
    await browser.signIn(anna);
    const { verifier, place } = await browser.ask({ prompt: 'none' });
    const redeemed = await browser.redeem(new URL(place).searchParams.get('code')!, verifier);
    const { id_token: idToken } = JSON.parse(redeemed.text) as { id_token: string };
    expect(decodeJwt(idToken)['auth_time']).toBe(Date.parse(browser.session!.signedInAt) / 1_000);
    expect((await browser.begin(idToken)).status).toBe(200);
  });

  it('T8-P5: prompt=login asks again, whoever is signed in', async () => {
    const browser = await world.browser();
    await browser.signIn(anna);
    const { verifier, place } = await browser.ask({ prompt: 'login' });
    expect(place).toMatch(/^\/interaction\//);
    const back = await codeOf(browser, place, anna);
    expect((await browser.redeem(back.get('code')!, verifier)).status).toBe(200);
  });

  it('C10.2-1: redeems a code once, with the verifier, and for the application that asked', async () => {
    const browser = await world.browser();
    const { verifier, place } = await browser.ask();
    const code = (await codeOf(browser, place, anna)).get('code')!;
    expect((await browser.redeem(code, 'another-verifier-of-the-right-length-for-a-pkce')).status).toBe(400);
    const again = await browser.ask({ prompt: 'none' });
    const second = new URL(again.place).searchParams.get('code')!;
    expect((await browser.redeem(second, again.verifier)).status).toBe(200);
    expect((await browser.redeem(second, again.verifier)).status).toBe(400);
    expect((await browser.redeem(code, verifier)).status).toBe(400);
  });

  it.each<[string, Record<string, string>]>([
    ['another address', { redirect_uri: 'https://evil.example/' }],
    ['another path of the application', { redirect_uri: 'https://localhost:1/' }],
    ['another application', { client_id: 'nobody' }],
  ])('C10.2-1: sends nobody to %s', async (_, changed) => {
    const browser = await world.browser();
    const { place } = await browser.ask(changed);
    expect(place).toContain('This did not work');
  });

  it.each<[string, Record<string, string>]>([
    ['no challenge', { code_challenge: '' }],
    ['a challenge in clear', { code_challenge_method: 'plain' }],
    ['tokens in the address', { response_type: 'id_token' }],
  ])('C10.2-1: gives no code for %s', async (_, changed) => {
    const browser = await world.browser();
    const { place } = await browser.ask(changed);
    expect(place.startsWith('/interaction/')).toBe(false);
    expect(place).not.toContain('code=');
  });

  it('C10.2-1: the token endpoint answers the two applications from their own pages, and no other page', async () => {
    const browser = await world.browser();
    const { verifier, place } = await browser.ask();
    const code = (await codeOf(browser, place, anna)).get('code')!;
    for (const origin of ['https://evil.example', 'null', 'https://localhost', 'http://localhost:1'])
      expect((await browser.redeem(code, verifier, { origin })).headers['access-control-allow-origin'], origin).toBeUndefined();
    expect((await browser.redeem(code, verifier, { origin: world.addressOf('console') })).status).not.toBe(200);
    const redeemed = await browser.redeem(code, verifier);
    expect(redeemed.headers['access-control-allow-origin']).toBe(browser.origin);
    const preflight = (origin: string, path = '/token') =>
      browser.atProvider(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight(browser.origin)).headers['access-control-allow-origin']).toBe(browser.origin);
    expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
    expect((await preflight(browser.origin, '/passkeys/options')).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('T8.3-3: signing out ends the browser’s sign-in with the provider', async () => {
    const browser = await world.browser();
    await browser.signIn(anna);
    const parameters = new URLSearchParams({ client_id: 'portal', post_logout_redirect_uri: `${browser.origin}/` });
    const page = await browser.atProvider(`/session/end?${parameters}`);
    expect(page.text).toContain('You are still signed in here.');
    expect(/<a href="([^"]+)">Cancel/.exec(page.text)?.[1]).toBe(`${browser.origin}/`);
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page.text) ?? [];
    const out = await browser.atProvider('/session/end/confirm', { method: 'POST', form: { xsrf, logout: 'yes' } });
    expect(out.headers['location']).toBe(`${browser.origin}/`);
    expect(new URL((await browser.ask({ prompt: 'none' })).place).searchParams.get('error')).toBe('login_required');
  });

  it('C10.2-1: who is removed signs in no more, also where the browser still was', async () => {
    const gone = await world.known(`gone-${++made}`, { kind: 'customer', account: 'account-00009' });
    const browser = await world.browser();
    await browser.signIn(gone);
    world.platform.identity.remove(gone.name);
    const { place } = await browser.ask({ prompt: 'none' });
    expect(new URL(place).searchParams.get('error')).toBe('interaction_required');
  });

  it('C10.2-1: is asked in one browser and answered there, under the address of that question alone', async () => {
    const [one, other] = [await world.browser(), await world.browser()];
    const [{ place }, { place: another }] = [await one.ask(), await other.ask()];
    for (const path of [another, `${another}/passphrase`, `${another}/passkey-options`]) {
      const isPage = path === another;
      const sent = isPage ? {} : { method: 'POST', form: { name: anna.name, passphrase: anna.passphrase } };
      expect((await one.atProvider(path, sent)).status, path).toBe(400);
    }
    expect((await one.passphrase(place, anna)).status).toBe(303);
  });

  it('T8.3-3: passkeys are changed by who signed in within ten minutes, not by who sits down at a browser later', async () => {
    const browser = await world.browser();
    await browser.signIn(anna);
    const change = async () => (await browser.atProvider('/passkeys/options', { method: 'POST', json: {} })).status;
    expect(await change()).toBe(200);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 9 * 60_000 });
    try {
      expect(await change()).toBe(200);
      vi.setSystemTime(Date.now() + 2 * 60_000);
      expect(await change()).toBe(403);
      expect((await browser.atProvider('/passkeys')).text).toContain('You signed in a while ago');
    } finally {
      vi.useRealTimers();
    }
  });

  it('C10.2-1: changes nothing for whoever does not say from which page, or says another', async () => {
    const browser = await world.browser();
    await browser.signIn(anna);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const change = async (headers: Readonly<Record<string, string>>) =>
      (await world.send(`${world.issuer}/passkeys/options`, { method: 'POST', json: {}, headers: { cookie, ...headers } })).status;
    expect(await change({})).toBe(403);
    expect(await change({ origin: browser.origin })).toBe(403);
    expect(await change({ origin: world.issuer })).toBe(200);
  });

  it('C10.2-1: who got another passphrase is signed in nowhere, whoever had the first one', async () => {
    const lost = await world.known(`lost-${++made}`, { kind: 'customer', account: 'account-00008' });
    const thief = await world.browser();
    await thief.signIn(lost);
    const passphrase = await world.platform.identity.reset(lost.name);
    const { place } = await thief.ask({ prompt: 'none' });
    expect(new URL(place).searchParams.get('error')).toBe('interaction_required');
    expect((await thief.atProvider('/passkeys')).status).toBe(401);
    const owner = await world.browser();
    await owner.signIn({ ...lost, passphrase });
    expect(owner.session!.person).toBe('account-00008');
  });

  it('C10.2-1: signing in gives the browser another secret than the one that it came with', async () => {
    const browser = await world.browser();
    await browser.ask();
    const planted = new Map(browser.cookies);
    await browser.signIn(anna);
    const known = browser.cookies.get('identity_session');
    expect(known).toBeDefined();
    expect([...planted.values()]).not.toContain(known);
    const other = await world.browser();
    for (const [name, value] of planted) other.cookies.set(name, value);
    expect(new URL((await other.ask({ prompt: 'none' })).place).searchParams.get('error')).toBe('login_required');
  });

  it('T8-P5: who signs in where somebody else is signed in begins a session of their own, and the other is signed out', async () => {
    const browser = await world.browser();
    await browser.signIn(anna);
    const bert = await world.known(`bert-${++made}`, { kind: 'customer', account: 'account-00007' });
    const { verifier, place } = await browser.ask({ prompt: 'login' });
    const answered = await browser.passphrase(place, bert);
    const asked = await browser.atProvider(String(answered.headers['location']));
    expect(String(asked.headers['content-security-policy'])).toMatch(/script-src 'self' 'sha256-[^']+'/);
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(asked.text) ?? [];
    const out = await browser.atProvider('/session/end/confirm', { method: 'POST', form: { xsrf, logout: 'yes' } });
    const back = await browser.follow(String(out.headers['location']));
    const redeemed = await browser.redeem(back.searchParams.get('code')!, verifier);
    const said = decodeJwt((JSON.parse(redeemed.text) as { id_token: string }).id_token);
    expect(said['custom:account']).toBe('account-00007');
  });

  it('pages run no script but the one file, are in no frame, and set cookies that scripts and other sites do not have', async () => {
    const browser = await world.browser();
    const { place } = await browser.ask();
    const page = await browser.atProvider(place);
    expect(page.text.match(/<script[^>]*>/g)).toEqual(['<script src="/assets/passkeys.js" defer>']);
    const policy = String(page.headers['content-security-policy']);
    for (const directive of ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(directive);
    expect(policy).not.toContain('unsafe');
    const script = await browser.atProvider('/assets/passkeys.js');
    expect([script.status, script.headers['content-type'], script.headers['x-content-type-options']]).toEqual([
      200,
      'text/javascript',
      'nosniff',
    ]);
    const asked = await world.send(`${world.issuer}/auth?${new URLSearchParams({ client_id: 'portal' })}`, {});
    expect(asked.status).toBe(400);
    const cookies = await cookiesOf(browser);
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) expect(cookie.toLowerCase()).toMatch(/^identity_.*httponly/);
    for (const cookie of cookies) expect(cookie.toLowerCase()).toMatch(/; secure.*samesite=lax|samesite=lax.*; secure/);
  });

  async function cookiesOf(browser: Browser): Promise<readonly string[]> {
    const { place } = await browser.ask();
    const answered = await browser.passphrase(place, anna);
    const next = await browser.atProvider(String(answered.headers['location']));
    return [next.headers['set-cookie'] ?? []].flat().filter((line) => !line.includes('1970'));
  }

  it('answers by its own name alone', async () => {
    expect((await world.send(`${world.issuer}/.well-known/openid-configuration`, { headers: { host: 'evil.example' } })).status).toBe(421);
    const said = JSON.parse((await world.send(`${world.issuer}/.well-known/openid-configuration`, {})).text) as Record<string, unknown>;
    const { endpoints } = world.doors.identity;
    expect(said).toMatchObject({
      issuer: endpoints.issuer,
      authorization_endpoint: endpoints.authorization,
      token_endpoint: endpoints.token,
      end_session_endpoint: endpoints.endSession,
    });
  });

  it('a session begins where the provider was asked for it by the application itself', async () => {
    const browser = await world.browser('console');
    await browser.signIn(oscar);
    expect(SessionToken.parse(browser.session)).toMatchObject({ person: 'oscar', role: 'operator' });
  });
});
