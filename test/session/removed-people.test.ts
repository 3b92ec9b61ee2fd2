import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignInLog } from '../../lambdas/session/sign-in-log.ts';
import { renewSession } from '../../lambdas/session/use-cases.ts';
import type { IdentityProvider } from '../../platform/ports/identity.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { ManualClock, MemoryWorld } from '../support/memory-platform.ts';
import type { Browser } from './browser.ts';
import { SessionWorld } from './session-world.ts';

const MINUTE = 60_000;
let world: SessionWorld;

beforeAll(async () => {
  world = await SessionWorld.open();
});
afterAll(() => world.close());

const statusOf = async (browser: Browser, method: string, path: string) => (await browser.call(method, path)).status;
const END = '/v1/console/sessions/end';
const RENEWAL = ['POST', '/v1/session/renewal'] as const;

describe('whoever was removed at the identity provider', () => {
  it('R9.2-3, C10.2-2: has no session any more when it is to be renewed, in no browser', async () => {
    const known = await world.known('cora', { kind: 'customer', account: 'account-00003' });
    const [one, other] = [await world.signedIn('portal', known), await world.signedIn('portal', known)];
    const start = world.clock.now();
    try {
      world.clock.set(start + 9 * MINUTE);
      for (const browser of [one, other]) expect(await statusOf(browser, ...RENEWAL)).toBe(200);
      world.platform.identity.remove('cora');
      // Asked a moment ago: nothing is known yet.
      world.clock.set(start + 9.5 * MINUTE);
      expect(await statusOf(one, 'GET', '/v1/sessions')).toBe(200);
      world.clock.set(start + 9.9 * MINUTE);
      const kept = one.session!;
      one.session = JSON.parse((await one.call(...RENEWAL)).text);
      world.clock.set(start + 11 * MINUTE);
      expect(await statusOf(one, ...RENEWAL)).toBe(401);
      expect(await statusOf(one, 'GET', '/v1/sessions')).toBe(401);
      one.session = kept;
      expect(await statusOf(one, 'GET', '/v1/sessions')).toBe(401);
      expect(await statusOf(other, 'GET', '/v1/sessions')).toBe(401);
    } finally {
      world.clock.set(start);
    }
  });

  it('R9.2-3: is out at once when a security officer says so, and nobody else can', async () => {
    const anna = await world.signedIn('portal', await world.known('anna', { kind: 'customer', account: 'account-00001' }));
    const olga = await world.signedIn('console', await world.known('olga', { kind: 'person', role: 'operator' }));
    const sid = await world.signedIn('console', await world.known('sid', { kind: 'person', role: 'security-officer' }));
    const end = async (by: Browser, person: string, customer: boolean) =>
      (await world.send(by.origin + END, { method: 'POST', json: { person, customer }, headers: await by.headers('POST', END) })).status;
    expect(await end(olga, 'account-00001', true)).toBe(403);
    expect(await end(anna, 'olga', false)).toBe(404);
    expect(await end(sid, 'account-00001', false)).toBe(200);
    expect(await statusOf(anna, 'GET', '/v1/sessions')).toBe(200);
    expect(await end(sid, 'account-00001', true)).toBe(200);
    expect(await statusOf(anna, 'GET', '/v1/sessions')).toBe(401);
    expect(await end(sid, 'olga', false)).toBe(200);
    const known = async (person: string, customer: boolean) => {
      const answer = await world.send(sid.origin + END, {
        method: 'POST',
        json: { person, customer },
        headers: await sid.headers('POST', END),
      });
      return (JSON.parse(answer.text) as { ended: boolean }).ended;
    };
    // Without a session, but with a way to sign in; and neither.
    expect([await known('olga', false), await known('nobody-known', false), await known('nosuch', true)]).toEqual([true, false, false]);
    expect(await statusOf(olga, 'POST', '/v1/console/session/renewal')).toBe(401);
  });
});

describe('a provider that can’t be asked', () => {
  it('R9.2-3: lets sessions go on for an hour, and then no longer', async () => {
    const { events, keys, directory, clock } = new MemoryWorld().as('session');
    const wall = new ManualClock(clock.now());
    const sessions = new Sessions({ keys, directory, clock, wall });
    const asked: number[] = [];
    const isActive = async () => {
      asked.push(wall.now());
      if (asked.length > 1) throw new Error('busy');
      return true;
    };
    const identity = { isActive } as unknown as IdentityProvider;
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const start = wall.now();
    const signedIn = { person: 'olga', role: 'operator', keyThumbprint: 'k', signedInAt: start, method: 'passkey', device: 'x' } as const;
    let { token } = await sessions.begin(signedIn);
    const renew = async () => {
      const answer = await renewSession({
        sessions,
        signIns: new SignInLog({ events, keys, directory, clock, log }),
        identity,
        events,
        clock,
        wall,
        log,
        token,
        userAgent: '',
      });
      token = (answer.body as { token: string }).token;
    };
    for (const minute of [5, 9, 10, 15, 20, 25, 34, 43, 52, 61, 69]) {
      wall.set(start + minute * MINUTE);
      await renew();
    }
    // Once as ten minutes were over, and then as often as it was ten minutes since it said yes.
    expect(asked.map((at) => (at - start) / MINUTE)).toEqual([10, 20, 25, 34, 43, 52, 61, 69]);
    wall.set(start + 70 * MINUTE);
    await expect(renew()).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
  });
});
