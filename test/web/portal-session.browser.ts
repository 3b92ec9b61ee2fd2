import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openChromium } from './support/chromium.ts';
import { CONTROLLED } from './support/in-page.ts';
import { look } from './support/look.ts';
import { freshProfile, settled, show, signIn } from './support/people.ts';

let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await openChromium();
});
afterAll(async () => await browser?.close());
beforeEach(async () => {
  ({ context, page } = await freshProfile(browser));
  await signIn(page, 'demo-customer');
  await settled(page);
});
afterEach(async () => await context.close());

/** Names of everything that the origin keeps: local and session storage, databases, caches, and what lies in the portal's own database. */
const KEPT = `(async () => {
  const names = [...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await caches.keys())];
  for (const { name } of await indexedDB.databases()) names.push('db:' + name);
  return names.sort();
})()`;

async function signOut(): Promise<void> {
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.origin === inject('town').identity);
  const asks = page.getByRole('button', { name: 'Sign out' });
  if (await asks.isVisible()) await asks.click();
}

describe('signing out', () => {
  it('C10.2-3: leaves nothing of the customer in the browser, and what guards the application', async () => {
    await show(page, '#/usage');
    await page.evaluate(CONTROLLED);
    const before = await page.evaluate<string[]>(KEPT);
    expect(before).toEqual(expect.arrayContaining(['db:joulekeep', 'db:joulekeep-integrity', 'joulekeep-signed-in']));
    await signOut();
    await page.goto(`${inject('town').portal}/config.json`);
    const after = await page.evaluate<string[]>(KEPT);
    expect(after.filter((name) => !/^(db:)?joulekeep-integrity/.test(name))).toEqual([]);
    expect(after).toContain('db:joulekeep-integrity');
    await page.goto(`${inject('town').portal}/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  it('of all others ends their sessions', async () => {
    const others = [await freshProfile(browser), await freshProfile(browser)];
    for (const other of others) await signIn(other.page, 'demo-customer');
    await show(page, '#/privacy');
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.locator('dialog[open]').getByRole('button').last().click();
    await page.getByText('You are signed in nowhere else').waitFor({ timeout: 90_000 });
    for (const other of others) {
      await show(other.page, '#/sharing');
      await other.page.getByText('You have been signed out for your safety').waitFor();
      await other.context.close();
    }
  });
});

describe('a start without network', () => {
  it('C10.2-3: shows what was kept, with its age, and no price as that of the moment', async () => {
    for (const view of ['home', 'usage', 'bill']) await show(page, `#/${view}`);
    await page.evaluate(CONTROLLED);
    await context.setOffline(true);
    await page.goto(`${inject('town').portal}/#/home`);
    await page.reload();
    await settled(page);
    await page.getByText('You are offline.').waitFor();
    expect(await page.locator('.banner').allTextContents()).toEqual(expect.arrayContaining([expect.stringMatching(/Last updated/)]));
    expect(await page.locator('.card', { hasText: 'Price now' }).locator('.price-now').count()).toBe(0);
    expect(await page.locator('.verified').count()).toBe(0);
    await look(page, 'portal-home-offline');
  });
});

describe('by keyboard alone', () => {
  const focused = async () => await page.evaluate<string>(`(document.activeElement.textContent ?? '').trim()`);

  it('the first key leads past the navigation, and the content takes the focus', async () => {
    await page.reload();
    await settled(page);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
  });

  it('tabs and bars answer to arrows, and what is chosen is told', async () => {
    await show(page, '#/usage');
    await page.getByRole('tab', { name: 'Week' }).focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(await page.getByRole('tab', { name: 'Month' }).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('ArrowLeft');
    await settled(page);
    const bars = page.getByRole('slider');
    await bars.focus();
    await page.keyboard.press('ArrowRight');
    const first = await bars.getAttribute('aria-valuetext');
    await page.keyboard.press('ArrowRight');
    const second = await bars.getAttribute('aria-valuetext');
    expect(first).toMatch(/kWh/);
    expect(second).not.toBe(first);
    expect(await page.locator('.bars-line').textContent()).toBe(second);
  });

  it('a dialog keeps the focus, and gives it back', async () => {
    await show(page, '#/privacy');
    const opener = page.getByRole('button', { name: 'Delete data on this device' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(`document.activeElement.closest('dialog[open]') !== null || document.activeElement === document.body`),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(await focused()).toBe('Delete data on this device');
  });
});

describe('a passkey', () => {
  /** Leaves the page of passkeys open, with none on it. */
  async function withoutPasskeys(): Promise<void> {
    await page.goto(`${inject('town').identity}/passkeys`);
    const remove = page.getByRole('button', { name: 'Remove' });
    for (let left = await remove.count(); left > 0; left--) {
      await remove.first().click();
      await expect.poll(() => remove.count()).toBe(left - 1);
    }
    await page.getByText('You have no passkeys yet').waitFor();
  }

  it('C10.2-1: is made once, and signs the customer in from then on', async () => {
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await withoutPasskeys();
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'Remove' }).first().waitFor();
    await page.goto(`${inject('town').portal}/`);
    await page.waitForURL((url) => url.origin === inject('town').portal && url.search === '');
    await signOut();
    await page.goto(`${inject('town').portal}/`);
    await page.locator('main .button').first().click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL((url) => url.origin === inject('town').portal && url.search === '');
    await show(page, '#/privacy');
    await page.locator('.session', { hasText: 'this browser' }).getByText('with a passkey').waitFor();
    await withoutPasskeys();
  });
});
