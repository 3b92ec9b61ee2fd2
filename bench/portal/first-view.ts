import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { LARGE_PAGES } from '../../bin/terminal/large-pages.ts';
import { openChromium } from '../../test/web/support/chromium.ts';
import { CHROMIUM } from '../../test/web/support/chromium-path.ts';
import { Helper } from '../ipc.ts';
import { atMost, median, type Result } from '../measure.ts';
import type { ServiceHelper } from './customers.ts';
import { PAGE_LOOKS } from './page-looks.ts';

const SERVICE = { execArgv: ['--max-semi-space-size=64'], env: LARGE_PAGES };
const LIMIT_MS = 1_000;
const PAUSE_MS = 5_000;

interface Known {
  readonly name: string;
  readonly passphrase: string;
}

/** What was painted when, ms from the navigation. */
interface View {
  readonly home: number;
  readonly year: number;
}

/**
 * A home with 13 months of quarter-hours, in Chromium: from the address to the home and the year painted, each time with nothing kept in
 * the browser but who signed in. Beside it the page of somebody who is not signed in, which asks nothing of anybody's data.
 */
export async function firstView(starts: number): Promise<Result[]> {
  if (!existsSync(CHROMIUM)) {
    process.stderr.write(`  no Chromium at ${CHROMIUM}: the first view is not measured; CHROMIUM_PATH says where one is\n`);
    return [];
  }
  const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const service: ServiceHelper = new Helper('./portal/service-process.ts', SERVICE);
  let browser: Browser | undefined;
  try {
    const { door, known } = await service.ask({ type: 'boot', stateDir, homes: 1, meters: 0, isShown: true }, 'booted');
    browser = await openChromium();
    const bare = await signedOut(browser, door);
    const context = await newContext(browser);
    await signIn(context, door, known);
    const views: View[] = [];
    for (let n = 0; n <= starts; n++) {
      // A customer's share of calls has filled again by then: nobody starts a portal five times in as many seconds.
      await wait(PAUSE_MS);
      views.push(await coldStart(context, door));
    }
    // The first one found a service that had compiled nothing.
    const [, ...counted] = views;
    const year = median(counted.map((view) => view.year));
    return [
      { name: 'first view of 13 months, home painted', value: median(counted.map(({ home }) => home)), unit: 'ms' },
      atMost('first view of 13 months, home and year painted', year, 'ms', LIMIT_MS),
      { name: 'portal of nobody, painted', value: bare, unit: 'ms' },
      { name: 'first view of 13 months to the portal of nobody', value: year / bare, unit: 'ratio' },
    ];
  } finally {
    await browser?.close();
    await service.end();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Median of three. */
async function signedOut(browser: Browser, door: string): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < 3; n++) {
    const context = await newContext(browser);
    const page = await context.newPage();
    const started = performance.now();
    await page.goto(`${door}/`);
    await page.waitForSelector('#app button');
    await painted(page);
    took.push(performance.now() - started);
    await context.close();
  }
  return median(took);
}

async function signIn(context: BrowserContext, door: string, known: Known): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${door}/`);
  await page.click('#app button:has-text("Sign in")');
  await page.fill('#name', known.name);
  await page.fill('#passphrase', known.passphrase);
  await page.click('button:has-text("Sign in")');
  await page.waitForSelector('.figure-large');
  await page.close();
}

/** Forgets what the browser keeps of the site's files, and comes back. */
async function coldStart(context: BrowserContext, door: string): Promise<View> {
  const page = await context.newPage();
  try {
    const session = await context.newCDPSession(page);
    await session.send('Network.clearBrowserCache');
    return await look(page, door);
  } finally {
    await page.close();
  }
}

async function look(page: Page, door: string): Promise<View> {
  await page.addInitScript(PAGE_LOOKS);
  const started = performance.timeOrigin + performance.now();
  await page.goto(`${door}/`, { waitUntil: 'commit' });
  // There is a page behind the way to the provider and back by then.
  await page.waitForSelector('[role="tabpanel"]');
  const { home, year } = await page.evaluate<View>('looks');
  return { home: home - started, year: year - started };
}

/** Service workers would serve the shell from what they keep: a cold start has none. */
async function newContext(browser: Browser): Promise<BrowserContext> {
  return await browser.newContext({ ignoreHTTPSErrors: true, serviceWorkers: 'block', locale: 'en-GB' });
}

/** Until what is in the document is on the screen. */
async function painted(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}
