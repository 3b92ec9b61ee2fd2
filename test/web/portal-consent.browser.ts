import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openChromium } from './support/chromium.ts';
import { look } from './support/look.ts';
import { Advice } from './support/party.ts';
import { ADVICE } from './support/party-credentials.ts';
import { freshProfile, settled, signIn } from './support/people.ts';

const DAY_MS = 86_400_000;

let browser: Browser;
let context: BrowserContext;
let page: Page;
let advice: Advice;
let site: Server;

beforeAll(async () => {
  const { key, certificate: cert } = inject('town').party;
  site = createServer({ key, cert }, (_, response) => void response.end('thank you')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const { port } = site.address() as AddressInfo;
  browser = await openChromium([`--host-resolver-rules=MAP ${new URL(ADVICE.callback).hostname}:443 127.0.0.1:${port}`]);
  ({ context, page } = await freshProfile(browser));
  await signIn(page, 'demo-customer');
});
afterAll(async () => {
  await context?.close();
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
});
beforeEach(() => {
  advice = new Advice();
});

/** The customer's browser comes from the third party's site to the question. */
async function asked(): Promise<void> {
  await page.goto(await advice.ask());
  await page.waitForURL((url) => url.hash.startsWith('#/consent/') && url.search === '');
  await page.getByRole('heading', { level: 1, name: `${ADVICE.name} asks for your data` }).waitFor();
  await settled(page);
}

/** What the third party hears. */
async function heard(): Promise<URLSearchParams> {
  await page.waitForURL((url) => url.origin === new URL(ADVICE.callback).origin);
  return new URL(page.url()).searchParams;
}

describe('a third party that asks for data', () => {
  it('T8.2-1, R9.3-4: gets what was ticked and nothing else, and nothing any more once it is stopped', async () => {
    await asked();
    expect(await page.locator('input[type=checkbox]:checked').count()).toBe(0);
    await look(page, 'portal-consent');
    await page.locator('input[type=checkbox]').first().check();
    await page.locator('input[type=radio]').first().check();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    const { path } = await advice.redeem((await heard()).get('code') ?? '');
    const window = `?${new URLSearchParams({ 'published-min': daysAgo(4), 'published-max': daysAgo(2) })}`;
    expect((await advice.pull(path + window)).status).toBe(200);

    await page.goto(`${inject('town').portal}/#/sharing`);
    await page.waitForURL((url) => url.hash === '#/sharing' && url.search === '');
    await page.getByRole('heading', { name: ADVICE.name }).first().waitFor();
    await settled(page);
    await look(page, 'portal-sharing-active');
    const stop = page.getByRole('button', { name: `Stop sharing with ${ADVICE.name}` });
    for (let left = await stop.count(); left > 0; left--) {
      await stop.first().click();
      await page.getByRole('button', { name: 'Yes, stop sharing' }).click();
      await page.getByRole('heading', { name: 'Sharing has stopped' }).waitFor();
      expect(await page.locator('dialog[open]').textContent()).toMatch(/[0-9a-f]{16}/);
      if (left === 1) await look(page, 'portal-sharing-receipt');
      await page.getByRole('button', { name: 'Close' }).click();
      await expect.poll(() => stop.count()).toBe(left - 1);
    }
    expect((await advice.pull(path + window)).status).toBe(403);
  });

  it('says no to who allows nothing, and no to who says no', async () => {
    await asked();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    expect(await page.getByRole('alert').filter({ hasText: 'Tick at least one' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Don’t allow' }).click();
    const answer = await heard();
    expect([answer.get('error'), answer.get('code')]).toEqual(['access_denied', null]);
  });

  it('by keyboard alone: to the question, through it, and away', async () => {
    await asked();
    await page.locator('main').focus();
    await tabTo('checkbox');
    await page.keyboard.press('Space');
    expect(await page.locator('input[type=checkbox]:checked').count()).toBe(1);
    await tabTo('radio');
    await page.keyboard.press('ArrowDown');
    while ((await focused()).text !== 'Don’t allow') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect((await heard()).get('error')).toBe('access_denied');
  });
});

describe('an old question', () => {
  it('is not answered twice', async () => {
    await asked();
    const { hash } = new URL(page.url());
    await page.getByRole('button', { name: 'Don’t allow' }).click();
    await heard();
    await page.goto(`${inject('town').portal}/${hash}`);
    await page.getByRole('heading', { name: 'There is nothing to answer' }).waitFor();
  });
});

async function focused(): Promise<{ readonly type: string; readonly text: string }> {
  return await page.evaluate(`({ type: document.activeElement.type ?? '', text: (document.activeElement.textContent ?? '').trim() })`);
}

async function tabTo(type: string): Promise<void> {
  for (let presses = 0; (await focused()).type !== type; presses++) {
    expect(presses, `no ${type} within reach`).toBeLessThan(60);
    await page.keyboard.press('Tab');
  }
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}
