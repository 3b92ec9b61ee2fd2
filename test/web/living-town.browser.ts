import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { openChromium } from './support/chromium.ts';
import { look } from './support/look.ts';
import { freshProfile, show, signIn } from './support/people.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser.close());

describe('a town that lives', () => {
  it('R9.2-3: asks who is there on a page that anybody can read', async () => {
    const { page } = await freshProfile(browser);
    await page.goto(`${inject('town').portal}/`);
    await page.locator('main .button').first().click();
    await page.getByLabel('Passphrase').waitFor();
    await look(page, 'sign-in');
  });

  it('is at a glance in the console', async () => {
    const { page } = await freshProfile(browser);
    await signIn(page, 'demo-supervisor');
    await show(page, '#/overview');
    await look(page, 'console-overview');
  });
});
