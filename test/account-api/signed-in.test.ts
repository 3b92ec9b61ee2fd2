import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignInList } from '../../api/sign-ins.ts';
import { CustomerClient } from '../../bin/town/customer-client.ts';
import { thirdPartyView } from '../../bin/town/third-party-view.ts';
import { PartyWorld } from '../third-party/party-world.ts';

let world: PartyWorld;
let browser: CustomerClient;
beforeAll(async () => {
  world = await PartyWorld.open({ homes: true, signsIn: true });
  const passphrase = await world.platform.identity.add('demo-customer', { kind: 'customer', account: world.account });
  const { customer, identity } = world.doors;
  browser = new CustomerClient({ portal: customer.address, issuer: identity.endpoints.issuer, ca: world.platform.ca.rootPem });
  await browser.signIn('demo-customer', passphrase);
});
afterAll(() => world.close());

describe('a customer who signed in with the identity provider', () => {
  it('R9.2-3, C10.2-2: is the account that the provider named, for whoever has the session’s key', async () => {
    const { status, text } = await browser.call('/v1/me', { method: 'GET', cookie: '' });
    expect([status, JSON.parse(text)]).toEqual([200, { account: world.account, points: 1 }]);
  });

  it('stands among the sign-ins as the demonstration that it is', async () => {
    const { text } = await browser.call('/v1/sign-ins', { method: 'GET', cookie: '' });
    const { signIns } = JSON.parse(text) as SignInList;
    expect(signIns.map(({ device }) => device)).toEqual(['Demonstration of npm start']);
  });

  it('R9.3-4: shares with a third party from the portal, on a platform that plays another time, and takes it back', async () => {
    const { platform, doors, clock, account } = world;
    const [from, until] = [Date.UTC(2026, 9, 23, 23), Date.UTC(2026, 9, 27)];
    const view = await thirdPartyView({ platform, doors, clock, account, browser, from, until });
    expect(view.withConsent).toMatchObject({ status: 200, rows: 73, energyWh: 73 * 400 });
    expect(view.withoutConsent).toEqual({ status: 403, problem: 'consent-revoked' });
  });
});
