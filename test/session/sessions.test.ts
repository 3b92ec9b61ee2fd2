import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionList, SessionToken } from '../../api/session.ts';
import { SessionCheck } from '../../platform/doors/session-check.ts';
import { PersonAuthorizer } from '../../platform/embedded/https/person-authorizer.ts';
import { SESSION_LIFE, Sessions } from '../../platform/ports/sessions.ts';
import type { ApiRole } from '../../topology/route.ts';
import { credentials, shapeOf } from '../platform/https-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import type { Browser } from './browser.ts';
import { newKey, proofOf } from './proofs.ts';
import { type Known, SessionWorld } from './session-world.ts';

const MINUTE = 60_000;
let world: SessionWorld;
const known: Record<string, Known> = {};

beforeAll(async () => {
  world = await SessionWorld.open();
  known['anna'] = await world.known('anna', { kind: 'customer', account: 'account-00001' });
  known['bert'] = await world.known('bert', { kind: 'customer', account: 'account-00002' });
  for (const role of ['operator', 'supervisor', 'auditor', 'security-officer'] as const)
    known[role] = await world.known(`the-${role}`, { kind: 'person', role });
});
afterAll(() => world.close());

const anna = () => world.signedIn('portal', known['anna']!);
const listOf = async (browser: Browser) => SessionList.parse(JSON.parse((await browser.call('GET', '/v1/sessions')).text)).sessions;
const statusOf = async (browser: Browser, method: string, path: string) => (await browser.call(method, path)).status;

describe('a session of a customer', () => {
  it('C10.2-2: lists the customer’s own sessions, says which is this one, and nobody else’s', async () => {
    const [one, other, stranger] = [await anna(), await anna(), await world.signedIn('portal', known['bert']!)];
    const mine = await listOf(one);
    expect(mine.map(({ session, current }) => [session, current])).toContainEqual([one.session!.session, true]);
    expect(mine.map(({ session, current }) => [session, current])).toContainEqual([other.session!.session, false]);
    expect(mine.find(({ current }) => current)).toMatchObject({ device: 'Firefox on Linux', method: 'passphrase' });
    expect((await listOf(stranger)).map(({ session }) => session)).toEqual([stranger.session!.session]);
  });

  it('T8.3-3: ends at once, for all its tokens, from wherever the customer is', async () => {
    const [here, lost] = [await anna(), await anna()];
    const renewed = SessionToken.parse(JSON.parse((await lost.call('POST', '/v1/session/renewal')).text));
    expect(JSON.parse((await here.call('DELETE', `/v1/sessions/${lost.session!.session}`)).text)).toEqual({ ended: true });
    for (const session of [lost.session!, renewed]) {
      lost.session = session;
      for (const [method, path] of [
        ['GET', '/v1/sessions'],
        ['POST', '/v1/session/renewal'],
        ['DELETE', '/v1/session'],
      ] as const)
        expect(await statusOf(lost, method, path)).toBe(401);
    }
    expect((await listOf(here)).map(({ session }) => session)).not.toContain(lost.session!.session);
    expect(await statusOf(here, 'DELETE', '/v1/session')).toBe(200);
    expect(await statusOf(here, 'GET', '/v1/sessions')).toBe(401);
  });

  it('C10.2-2: nobody ends a session of somebody else, and the answer does not say whether there is one', async () => {
    const [mine, stranger] = [await anna(), await world.signedIn('portal', known['bert']!)];
    for (const session of [mine.session!.session, 'A'.repeat(22)])
      expect(JSON.parse((await stranger.call('DELETE', `/v1/sessions/${session}`)).text)).toEqual({ ended: false });
    expect(await statusOf(mine, 'GET', '/v1/sessions')).toBe(200);
  });

  it('T8.3-3: lasts ten minutes for each token, is renewed by its own key alone, and is over after twelve hours', async () => {
    const browser = await anna();
    const start = world.clock.now();
    const first = browser.session!;
    try {
      world.clock.set(start + 9 * MINUTE);
      expect(await statusOf(browser, 'POST', '/v1/session/renewal')).toBe(200);
      expect((await browser.call('POST', '/v1/session/renewal', {}, newKey())).status).toBe(401);
      const renewed = SessionToken.parse(JSON.parse((await browser.call('POST', '/v1/session/renewal')).text));
      expect(renewed).toMatchObject({ session: first.session, endsAt: first.endsAt, signedInAt: first.signedInAt });
      expect(renewed.token).not.toBe(first.token);
      world.clock.set(start + 10 * MINUTE);
      expect(await statusOf(browser, 'GET', '/v1/sessions')).toBe(401);
      browser.session = renewed;
      expect(await statusOf(browser, 'GET', '/v1/sessions')).toBe(200);
      for (let at = start + 18 * MINUTE; at < start + SESSION_LIFE.customerMs; at += 9 * MINUTE) {
        world.clock.set(at);
        browser.session = SessionToken.parse(JSON.parse((await browser.call('POST', '/v1/session/renewal')).text));
      }
      expect(browser.session.expiresAt).toBe(first.endsAt);
      world.clock.set(start + SESSION_LIFE.customerMs);
      expect(await statusOf(browser, 'POST', '/v1/session/renewal')).toBe(401);
    } finally {
      world.clock.set(start);
    }
  });

  it('C10.2-2: is nothing at the console, and one of a person nothing at the customers’ door', async () => {
    const [customer, person] = [await anna(), await world.signedIn('console', known['supervisor']!)];
    const ask = async (browser: Browser, door: 'portal' | 'console', path: string) => {
      const htu = world.addressOf(door) + path;
      const { token } = browser.session!;
      const dpop = await proofOf(browser.key, { htm: 'GET', htu, at: world.clock.now(), token });
      return await world.send(htu, { headers: { authorization: `DPoP ${token}`, dpop } });
    };
    const expected = await ask({ ...customer, key: newKey(), session: customer.session } as Browser, 'portal', '/v1/sessions');
    const elsewhere = [await ask(customer, 'console', '/v1/exceptions'), await ask(person, 'portal', '/v1/sessions')];
    for (const answered of elsewhere) expect(shapeOf(answered)).toEqual(shapeOf(expected));
    expect((await ask(customer, 'portal', '/v1/sessions')).status).toBe(200);
    expect((await ask(person, 'console', '/v1/exceptions')).status).toBe(200);
  });

  it('a customer’s calls are counted by account, however many sessions it has', async () => {
    const limited = await SessionWorld.open({ rateLimits: true });
    try {
      const cora = await limited.known('cora', { kind: 'customer', account: 'account-00003' });
      const dora = await limited.known('dora', { kind: 'customer', account: 'account-00004' });
      const [one, other, stranger] = [
        await limited.signedIn('portal', cora),
        await limited.signedIn('portal', cora),
        await limited.signedIn('portal', dora),
      ];
      const statuses: number[] = [];
      for (let i = 0; i < 24; i++) statuses.push(await statusOf(i % 2 === 0 ? one : other, 'GET', '/v1/sessions'));
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(10);
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
      expect(await statusOf(stranger, 'GET', '/v1/sessions')).toBe(200);
    } finally {
      await limited.close();
    }
  });
});

describe('a session at the console', () => {
  it.each(['operator', 'supervisor', 'auditor', 'security-officer'] as const)(
    'C10.2-2: is that of the role of the group: %s',
    async (role) => {
      const browser = await world.signedIn('console', known[role]!);
      expect(browser.session).toMatchObject({ person: `the-${role}`, role });
      expect(Date.parse(browser.session!.endsAt) - world.clock.now()).toBe(SESSION_LIFE.personMs);
      expect(await statusOf(browser, 'GET', '/v1/exceptions')).toBe(role === 'security-officer' ? 403 : 200);
      expect(await statusOf(browser, 'POST', '/v1/console/session/renewal')).toBe(200);
      expect(await statusOf(browser, 'DELETE', '/v1/console/session')).toBe(200);
      expect(await statusOf(browser, 'GET', '/v1/exceptions')).toBe(401);
    },
  );

  it('C10.2-1: a certificate still says who a person at a terminal is, and nothing beside a session', async () => {
    const issued = await certificate('tess', 'operator');
    const url = `${world.addressOf('console')}/v1/exceptions`;
    expect((await world.send(url, {}, issued)).status).toBe(200);
    expect((await world.send(url, {})).status).toBe(401);
    const headers = { authorization: `DPoP ${'A'.repeat(43)}` };
    expect((await world.send(url, { headers }, issued)).status).toBe(401);
    expect((await world.send(`${world.addressOf('portal')}/v1/sessions`, {}, issued)).status).toBe(403);
  });

  async function certificate(name: string, role: ApiRole) {
    const { privateKey, csr } = await deviceKey(name);
    return credentials(name, privateKey, await world.platform.people.issue(name, role, csr));
  }
});

describe('a sign-in of the last minutes', () => {
  const ROUTE = { roles: ['customer'], recentSignInMinutes: 5 } as const;

  async function decided(browser: Browser) {
    const { platform, clock } = world;
    const defences = defencesUnderTest();
    const check = new SessionCheck({ sessions: new Sessions({ ...platform.as('session'), wall: clock }), wall: clock, defences });
    const authorizer = new PersonAuthorizer(platform.people, clock, defences, check);
    const { authorization, dpop } = await browser.headers('POST', '/v1/x');
    const identity = { certificate: undefined, authorization: authorization!, proof: dpop!, method: 'POST', url: `${browser.origin}/v1/x` };
    return await authorizer.authorize(identity, ROUTE);
  }

  it('T8-P5: is asked for where a route says so: a session that goes on is not enough', async () => {
    const browser = await anna();
    const start = world.clock.now();
    try {
      expect(await decided(browser)).toMatchObject({ allowed: true, person: 'account-00001', signIn: { method: 'passphrase' } });
      world.clock.set(Date.parse(browser.session!.signedInAt) + 5 * MINUTE + 1);
      browser.session = SessionToken.parse(JSON.parse((await browser.call('POST', '/v1/session/renewal')).text));
      expect(await decided(browser)).toEqual({ allowed: false, because: 'sign-in-too-old', reason: 'sign-in-too-old' });
      expect(await statusOf(browser, 'GET', '/v1/sessions')).toBe(200);
    } finally {
      world.clock.set(start);
    }
  });
});
