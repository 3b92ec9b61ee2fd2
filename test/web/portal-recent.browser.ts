import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { placeHold, releaseHold } from '../../lambdas/erasure/ask.ts';
import { runErasures } from '../../lambdas/erasure/run-erasures.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { openChromium } from './support/chromium.ts';
import { CustomerWorld } from './support/customer-world.ts';
import { look } from './support/look.ts';
import { Advice } from './support/party.ts';
import { freshProfile, givePassphrase, settled, show } from './support/people.ts';

const DAY_MS = 86_400_000;
const FIVE_MINUTES = 300;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let customers: CustomerWorld;
let site: Server;

beforeAll(async () => {
  customers = await CustomerWorld.open();
  const { key, certificate: cert } = customers.party.party;
  site = createServer({ key, cert }, (_, response) => void response.end('thank you')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const { port } = site.address() as AddressInfo;
  browser = await openChromium([`--host-resolver-rules=MAP ${new URL(customers.party.callback).hostname}:443 127.0.0.1:${port}`]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
  await customers?.stop();
});
beforeEach(async () => {
  ({ context, page } = await freshProfile(browser));
  customers.back();
});
afterEach(async () => await context.close());

const button = (name: string) => page.getByRole('button', { name, exact: true });

/** Signs in again from the page, and comes back to it. */
async function again(): Promise<void> {
  await button('Sign in again').first().click();
  await givePassphrase(page, 'demo-customer', customers.places);
  await page.waitForURL((url) => url.origin === customers.places.portal && url.search === '');
  await settled(page);
}

/** What the service says to what the page sends. @param path end of the address */
async function answered(path: string, act: () => Promise<void>): Promise<{ readonly status: number; readonly type: unknown }> {
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === 'POST' && new URL(one.url()).pathname.startsWith(path)),
    act(),
  ]);
  // After a yes the browser may be elsewhere already.
  if (response.ok()) return { status: response.status(), type: undefined };
  const { type } = (await response.json()) as { readonly type?: string };
  return { status: response.status(), type };
}

const REFUSED = { status: 403, type: 'urn:joulekeep:problem:sign-in-too-old' };

describe('a sign-in of a while ago', () => {
  it('T8-P5: allows a third party nothing, as the service itself says, and does once the customer signed in again', async () => {
    const advice = new Advice(customers.party);
    await customers.signedIn(page, FIVE_MINUTES + 60);
    const asked = async () => {
      await page.goto(await advice.ask());
      await page.waitForURL((url) => url.hash.startsWith('#/consent/') && url.search === '');
      await settled(page);
    };
    await asked();
    expect(await button('Allow').isDisabled()).toBe(true);
    await again();
    await page.locator('input[type=checkbox]').first().check();
    expect(await button('Allow').isDisabled()).toBe(false);

    // The page was opened in time, and is answered late.
    await context.clearCookies();
    await customers.signedIn(page, FIVE_MINUTES - 20);
    await asked();
    await page.locator('input[type=checkbox]').first().check();
    customers.pass(40);
    expect(await answered('/oauth/consent/', () => button('Allow').click())).toEqual(REFUSED);
    await button('Sign in again').first().waitFor();
    expect(await button('Allow').isDisabled()).toBe(true);
    customers.back();
    await again();
    await page.locator('input[type=checkbox]').first().check();
    const { status } = await answered('/oauth/consent/', () => button('Allow').click());
    expect(status).toBe(200);
    await page.waitForURL((url) => url.origin === new URL(customers.party.callback).origin);
    expect(new URL(page.url()).searchParams.get('code')).not.toBeNull();
  });
});

const platform = (principal: string) => customers.world.platform.as(principal);
const head = async () => (await platform('auditor').events.latest('erasure/acc-home-1')).hash.toString('hex');

/** The page loaded anew, by whoever the provider still knows. @returns how the erasure stands */
async function standing(): Promise<string | null> {
  await page.reload();
  await page.locator('.erasure-state').waitFor();
  await settled(page);
  return await page.locator('.erasure-state strong').textContent();
}

async function ask(): Promise<{ readonly status: number; readonly type: unknown }> {
  await button('Ask for erasure').click();
  return await answered('/v1/me/erasure', () => button('Yes, erase my data').click());
}

describe('the end of the customer’s data', () => {
  it('T8-P5, C10.3-3: is asked for in two steps by a fresh sign-in alone, has a receipt, and can be taken back', async () => {
    await customers.signedIn(page, FIVE_MINUTES - 20);
    await show(page, '#/erasure');
    await page.getByText('Your bills, until 1 January 2037 at least').waitFor();
    await button('Ask for erasure').click();
    await page.evaluate('scrollTo(0, 0)');
    await look(page, 'portal-erasure-ask');
    await button('Don’t ask').click();
    customers.pass(40);
    expect(await ask()).toEqual(REFUSED);
    expect(await button('Ask for erasure').isDisabled()).toBe(true);
    expect(await head()).toMatch(/^0+$/);

    customers.back();
    await again();
    expect(await ask()).toEqual({ status: 200, type: undefined });
    await page.getByText('Waits for the end of your contract').waitFor();
    expect(await page.locator('.card', { hasText: 'Receipt' }).textContent()).toContain(await head());
    await look(page, 'portal-erasure-asked');
    await show(page, '#/privacy');
    await page.locator('.card', { hasText: 'Erase my data' }).getByText('Waits for the end of your contract').waitFor();

    await show(page, '#/erasure');
    await button('Take it back').click();
    await button('Yes, take it back').click();
    await page.getByText('You took your request back.').waitFor();
    expect(await page.locator('.card', { hasText: 'Receipt' }).textContent()).toContain(await head());
  });

  it('C10.3-3: is told step by step: asked for, held, kept for the last bill, due; and then the way in is gone', async () => {
    const { clock } = customers.world;
    await endTenancy(platform('enrol'), 'home-1', Math.floor(clock.now() / 900_000) * 900_000);
    await customers.signedIn(page, 0);
    // No home is theirs any more; their data is with us still, and so is the way to its end.
    await page.getByRole('link', { name: 'Erase my data' }).click();
    expect(await ask()).toEqual({ status: 200, type: undefined });
    await page.locator('.erasure-state').waitFor();
    expect(await standing()).toBe('Asked for.');
    await placeHold(platform('erasure'), 'acc-home-1', { hold: 'h-1', legalBasis: 'an audit' }, 'ann');
    expect(await standing()).toBe('Held.');
    await look(page, 'portal-erasure-held');
    await releaseHold(platform('erasure'), 'acc-home-1', 'h-1', 'bob');
    clock.advance(8 * DAY_MS);
    expect(await standing()).toBe('Waits for the last bill.');
    clock.advance(53 * DAY_MS);
    expect(await standing()).toBe('Due.');
    // No day of another's lies under the customer's keys.
    await platform('archive').directory.put([{ key: 'reseal-due/home-1', value: Buffer.from('0') }]);
    await runErasures({ platform: platform('erasure'), defences: defencesUnderTest() });
    await page.reload();
    await page.locator('main .button').first().waitFor();
    await settled(page);
    expect(await page.locator('.erasure-state').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBeGreaterThan(0);
  });
});
