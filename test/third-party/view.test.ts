import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CustomerBrowser } from '../../bin/town/party-client.ts';
import { thirdPartyView } from '../../bin/town/third-party-view.ts';
import { signedIn } from '../support/signed-in.ts';
import { jsonOf, PartyWorld } from './party-world.ts';

let world: PartyWorld;
beforeAll(async () => {
  world = await PartyWorld.open({ homes: true, rateLimits: true });
});
afterAll(() => world.close());

describe('a third party', () => {
  it('R9.3-4: holds a feed with consent and a refusal without', async () => {
    const { platform, doors, clock, account } = world;
    const [from, until] = [Date.UTC(2026, 9, 23, 23), Date.UTC(2026, 9, 27)];
    const browser: CustomerBrowser = {
      call: async (path, { method, cookie, body }) => {
        const headers = { cookie, ...signedIn(account, clock.now()) };
        return await world.browse(path, { method, headers, ...(body !== undefined && { json: body }) });
      },
    };
    const view = await thirdPartyView({ platform, doors, clock, account, browser, from, until });
    expect(view.withConsent).toMatchObject({ status: 200, rows: 73, energyWh: 73 * 400 });
    expect(view.withConsent.greenButtonBytes).toBeGreaterThan(5_000);
    expect(view.withoutConsent).toEqual({ status: 403, problem: 'consent-revoked' });
  });

  it('is told how often it may ask, and when to come back', async () => {
    const party = await world.party('watt-advice');
    const other = await world.party('other-party');
    const ask = async (who = party) => await world.call('/espi/1_1/resource/ApplicationInformation', who);
    const first = await ask();
    expect([first.status, first.headers['ratelimit'], first.headers['ratelimit-policy']]).toEqual([
      200,
      '"recipient";r=39;t=1',
      '"recipient";q=40;w=8',
    ]);
    for (let i = 0; i < 39; i++) expect((await ask()).status).toBe(200);
    const tooMany = await ask();
    expect([tooMany.status, jsonOf(tooMany)['type']]).toEqual([429, 'urn:joulekeep:problem:too-many-requests']);
    expect([tooMany.headers['retry-after'], tooMany.headers['ratelimit']]).toEqual(['1', '"recipient";r=0;t=8']);
    expect((await ask(other)).status).toBe(200);
    world.clock.advance(1_000);
    expect((await ask()).status).toBe(200);
  });
});
