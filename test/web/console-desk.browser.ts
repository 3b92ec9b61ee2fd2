import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditPage, IngestView } from '../../api/console.ts';
import type { HeldBills } from '../../api/held-bills.ts';
import { openChromium } from './support/chromium.ts';
import { findings, overflow } from './support/look.ts';
import { freshProfile, show, signIn } from './support/people.ts';

let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await openChromium();
  ({ context, page } = await freshProfile(browser));
  await signIn(page, 'demo-operator');
  await page.waitForSelector('nav a');
});
afterAll(async () => {
  await context?.close();
  await browser?.close();
});

describe('on a desk', () => {
  it('all of the table of concentrators is in sight, however much there is to count', async () => {
    await page.route('**/v1/ingest', async (route) => {
      const answer = await route.fetch();
      const view = (await answer.json()) as IngestView;
      const failures = { transport: 12_345, crypto: 12_345, schema: 12_345, vee: 12_345 };
      const concentrators = view.concentrators.map((one) => ({ ...one, meters: 12_345, failures }));
      await route.fulfill({ response: answer, json: { ...view, concentrators } });
    });
    await show(page, '#/ingest');
    await page.locator('td', { hasText: '12,345' }).first().waitFor();
    expect(await page.evaluate<string[]>(SCROLLING_TABLES)).toEqual([]);
  });

  it('the usage point of a bill that waits leads to the meter and its days, and back', async () => {
    await page.route('**/v1/held-bills', async (route) => await route.fulfill({ json: { bills: [WAITING], more: 0 } satisfies HeldBills }));
    await show(page, '#/bills');
    await page.getByRole('link', { name: WAITING.usagePoint, exact: true }).click();
    await page.waitForURL(/#\/meter\/[0-9a-f]{16}$/);
    await page.getByRole('heading', { name: 'Days' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Held bills' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/bills');
  });
});

describe('on a telephone', () => {
  it.each([390, 320])('at %i px each bill that waits is a card, and nothing is beside the screen', async (width) => {
    const { account, usagePoint } = WAITING;
    const bills = [
      { ...WAITING, totalMicro: '74500000', currency: 'EUR', importWh: '421000', reasons: ['review'] },
      { ...WAITING, account: `account-${'long-'.repeat(10)}`, billed: true },
    ] satisfies HeldBills['bills'];
    await page.route('**/v1/held-bills', async (route) => await route.fulfill({ json: { bills, more: 0 } satisfies HeldBills }));
    await page.setViewportSize({ width, height: 844 });
    await show(page, '#/overview');
    await show(page, '#/bills');
    const card = page.getByRole('row').nth(1);
    await card.waitFor();
    expect(await overflow(page)).toEqual([]);
    expect(await page.evaluate<string[]>(SCROLLING_TABLES)).toEqual([]);
    expect(await findings(page)).toEqual([]);
    // A table still, for whoever is read to.
    const heads = await page.locator('table[role=table] [role=columnheader]').allTextContents();
    const shown = await page.evaluate<CardShown>(FIRST_CARD);
    expect(shown.names).toEqual(heads);
    expect(new Set(shown.lefts).size).toBe(1);
    expect(await card.getByRole('rowheader').textContent()).toBe(account);
    expect(await card.getByRole('cell').first().textContent()).toBe(usagePoint);
  });

  it.each([390, 320])('at %i px accesses that are alike are one card, which opens to each of them by keys', async (width) => {
    const auditor = await freshProfile(browser, { viewport: { width, height: 844 } });
    await signIn(auditor.page, 'demo-auditor');
    const entries = [3, 4, 5].map((version) => ({ ...ACCESS, version })).concat({ ...ACCESS, version: 6, person: 'demo-supervisor' });
    await auditor.page.route('**/v1/audit?*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as AuditPage), entries, cursor: undefined } });
    });
    await auditor.page.waitForSelector('nav a');
    await show(auditor.page, '#/audit');
    const cards = auditor.page.getByRole('table', { name: 'Accesses to subject data' }).locator('tbody').getByRole('row');
    const opens = cards.getByRole('button', { name: '3 accesses' });
    await opens.waitFor();
    expect([await cards.count(), await opens.getAttribute('aria-expanded')]).toEqual([2, 'false']);
    await opens.focus();
    await auditor.page.keyboard.press('Enter');
    await cards.nth(4).waitFor();
    expect([await cards.count(), await opens.getAttribute('aria-expanded')]).toEqual([5, 'true']);
    for (const [i, { version }] of entries.entries()) expect(await cards.nth(i + 1).textContent()).toContain(`demo ${version}`);
    expect(await overflow(auditor.page)).toEqual([]);
    expect(await auditor.page.evaluate<string[]>(SCROLLING_TABLES)).toEqual([]);
    expect(await auditor.page.evaluate<string[]>(NARROW_CAPTIONS)).toEqual([]);
    expect(await findings(auditor.page)).toEqual([]);
    await auditor.context.close();
  });
});

const WAITING: HeldBills['bills'][number] = {
  ...{ account: 'account-00001', usagePoint: 'up-00001', bill: 'up-00001.2026-11-01', from: '2026-11-01', until: '2026-12-01' },
  ...{ reasons: ['missing'], missing: 4, failed: 0, estimatedShare: 0, heldAt: '2026-12-06T12:00:00.000Z' },
  ...{ outAt: '2026-12-31T00:00:00.000Z', billed: false },
};

const ACCESS: AuditPage['entries'][number] = {
  ...{ at: '2026-11-06T12:00:00.000Z', stream: 'access/2026-11-06.demo', version: 3, principal: 'demo', person: 'demo-operator' },
  ...{ purpose: 'editing', subjects: 1, from: '2026-11-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z', hash: 'ab'.repeat(32) },
};

/** Tables of which a part is out of sight. */
const SCROLLING_TABLES = `[...document.querySelectorAll('.table-scroll')].filter((place) => place.scrollWidth > place.clientWidth)
  .map((place) => place.ariaLabel + ' ' + place.scrollWidth + ' of ' + place.clientWidth)`;

/** Captions that are squeezed beside their cards. */
const NARROW_CAPTIONS = `[...document.querySelectorAll('.cards caption:not(.visually-hidden)')]
  .filter((caption) => caption.clientWidth < caption.parentElement.clientWidth).map((caption) => caption.textContent)`;

interface CardShown {
  /** Of its values. */
  readonly names: readonly string[];
  /** Where its values begin, px. */
  readonly lefts: readonly number[];
}

const FIRST_CARD = `(() => {
  const cells = [...document.querySelectorAll('.cards tbody tr:first-child > *')];
  return { names: cells.map((cell) => cell.dataset.label), lefts: cells.map((cell) => cell.getBoundingClientRect().left) };
})()`;
