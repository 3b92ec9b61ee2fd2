import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { meterIdOf } from '../../devices/fleet/town.ts';
import { openChromium } from './support/chromium.ts';
import { look } from './support/look.ts';
import { freshProfile, show, signIn } from './support/people.ts';

/** A spare that somebody took, and that flooded the service. */
const STRAY = meterIdOf('joulekeep', 'stray');

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
    await show(page, `#/meter/${STRAY}`);
    await page.getByText(/^Nothing of this meter is heard since .*: it sent far more than a meter does\.$/).waitFor();
    expect(await page.getByText('quarantined', { exact: true }).count()).toBe(1);
    await look(page, 'console-meter-quarantined');
  });

  it('T8.1-4: has a list of who is cut off, which leads an operator to the page of the meter', async () => {
    const { page } = await freshProfile(browser);
    await signIn(page, 'demo-operator');
    await show(page, '#/overview');
    await page.getByRole('link', { name: '1 device is cut off' }).click();
    const row = page.locator('main tbody tr');
    await row.getByText('it sent far more than a meter does').waitFor();
    expect(await row.count()).toBe(1);
    expect(await row.textContent()).toContain('the service, which saw it beyond its share');
    expect(await page.getByLabel('Meter or concentrator').count()).toBe(0);
    await look(page, 'console-devices');
    await row.getByRole('link', { name: STRAY }).click();
    await page.getByRole('heading', { name: `Meter ${STRAY}` }).waitFor();
    await page.getByRole('heading', { name: 'Days' }).waitFor();
  });

  it('C10.1-1: leads a security officer to certificates and incidents, and to no day of anybody', async () => {
    const { page } = await freshProfile(browser);
    await signIn(page, 'demo-security-officer');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await show(page, '#/devices');
    await page.getByRole('link', { name: STRAY }).click();
    await page.getByText(/^Nothing of this device is heard since .*: it sent far more than a meter does\.$/).waitFor();
    await page.getByRole('row', { name: new RegExp(`CN=m-${STRAY}`) }).waitFor();
    await page.getByRole('row', { name: /cut off.*flooding/ }).waitFor();
    await look(page, 'console-device');
    await page.getByLabel('Meter or concentrator').fill(STRAY.replace(/^./, (digit) => (digit === '0' ? '1' : '0')));
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('No such meter or concentrator is known.').waitFor();
    expect(asked.filter((path) => path.startsWith('/v1/devices/')).length).toBeGreaterThan(1);
    expect(asked.filter((path) => path.startsWith('/v1/meters') || path.startsWith('/v1/days'))).toEqual([]);
  });
});
