import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { meterIdOf } from '../../devices/fleet/town.ts';
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

  it('is at a glance in the console, with what was refused', async () => {
    const { page } = await freshProfile(browser);
    await signIn(page, 'demo-supervisor');
    await show(page, '#/overview');
    await page.getByRole('row', { name: 'Not who it should be' }).waitFor();
    await look(page, 'console-overview');
  });

  it('T8.1-4: shows of a meter that flooded since when and why nothing of it is heard', async () => {
    const { page } = await freshProfile(browser);
    await signIn(page, 'demo-operator');
    await show(page, `#/meter/${meterIdOf('joulekeep', 'stray')}`);
    await page.getByText(/^Nothing of this meter is heard since .*: it sent far more than a meter does\.$/).waitFor();
    expect(await page.getByText('quarantined', { exact: true }).count()).toBe(1);
    await look(page, 'console-meter-quarantined');
  });
});
