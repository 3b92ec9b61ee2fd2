import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium } from './support/chromium.ts';
import { look } from './support/look.ts';
import { freshProfile, settled, show, signIn } from './support/people.ts';

const VIEWS = ['home', 'usage', 'bill', 'demand', 'sharing', 'downloads', 'privacy'] as const;

let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await openChromium();
  ({ context, page } = await freshProfile(browser));
  await signIn(page, 'demo-customer');
});
afterAll(async () => {
  await context?.close();
  await browser?.close();
});

describe('views', () => {
  it.each(VIEWS)('%s reads well on every screen', async (view) => {
    await show(page, `#/${view}`);
    expect(await page.locator('h1').count()).toBe(1);
    await look(page, `portal-${view}`);
  });

  it('the page before signing in reads well on every screen', async () => {
    const stranger = await freshProfile(browser);
    await stranger.page.goto(`${inject('town').portal}/`);
    await settled(stranger.page);
    await look(stranger.page, 'portal-signed-out');
    await stranger.context.close();
  });
});
