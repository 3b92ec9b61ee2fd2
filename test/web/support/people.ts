import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { inject } from 'vitest';
import type { TownInBrowser } from './town.ts';

/** Who can sign in to a town that is played. */
export type Demonstrated = 'demo-customer' | 'demo-operator' | 'demo-supervisor' | 'demo-auditor' | 'demo-security-officer';

/** Where one signs in, and with what. */
export type SignInPlaces = Pick<TownInBrowser, 'portal' | 'console' | 'identity' | 'passphrases'>;

/** A profile of its own in which nobody was ever signed in. */
export async function freshProfile(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    ...options,
  });
  return { context, page: await context.newPage() };
}

/** From the button of an application, through the identity provider with the passphrase, into the application. */
export async function signIn(page: Page, name: Demonstrated, town: SignInPlaces = inject('town')): Promise<void> {
  const { portal, console } = town;
  const application = name === 'demo-customer' ? portal : console;
  await page.goto(`${application}/`);
  await page.locator('main .button').first().click();
  await givePassphrase(page, name, town);
  await page.waitForURL((url) => url.origin === application && url.search === '');
}

const RETRIED_MS = 5_000;

/** On the provider's page. */
export async function givePassphrase(page: Page, name: Demonstrated, town: SignInPlaces = inject('town')): Promise<void> {
  const { identity, passphrases } = town;
  await page.waitForURL((url) => url.origin === identity);
  for (;;) {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Passphrase').fill(passphrases[name] ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const slower = page.getByText('Too many attempts');
    const left = page.waitForURL((url) => url.origin !== identity).then(() => 'left' as const);
    if ((await Promise.race([left, slower.waitFor().then(() => 'slower' as const)])) === 'left') return;
    left.catch(() => undefined);
    // Whoever tests signs in more often than a person does.
    await page.waitForTimeout(RETRIED_MS);
  }
}

/** To a view by its fragment, e.g. `#/usage`, and until nothing of it is being fetched. */
export async function show(page: Page, fragment: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
  await settled(page);
}

/** Until the page shows no place where something will be. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('main');
  await page.evaluate(SETTLED);
}

/** A loop in the page itself: a policy against `eval` forbids functions that are asked again and again. */
const SETTLED = `new Promise((done) => {
  let quiet = 0;
  const look = () => {
    quiet = document.querySelector('.skeleton, [aria-busy="true"]') === null ? quiet + 1 : 0;
    if (quiet > 5) done();
    else requestAnimationFrame(look);
  };
  look();
})`;
