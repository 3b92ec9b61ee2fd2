import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeedersView } from '../../api/feeders.ts';
import { openChromium } from './support/chromium.ts';
import { look } from './support/look.ts';
import { freshProfile, show, signIn } from './support/people.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser.close());

const AREA = { feeders: ['quay'], area: 'quay', withoutHead: [], intervalMinutes: 15 };
const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

/** Of the day before and of today. */
const DOUBTED: readonly number[] = [68, 40];

/** What the service says, and another feeder beside it that somebody has tapped since the day before. */
async function withTapped(page: Page): Promise<void> {
  await page.route('**/v1/feeders', async (route) => {
    const answer = await route.fetch();
    const view = (await answer.json()) as FeedersView;
    const days = view.areas[0]!.days.map((day, i) => {
      const doubted = DOUBTED[i - 5] ?? 0;
      return { ...day, doubted, homesWh: Math.round(day.homesWh * (1 - (0.14 * doubted) / 96)) };
    });
    const midnight = Math.floor(Date.parse(view.asOf) / DAY_MS) * DAY_MS;
    const [since, until] = [-DOUBTED[0]!, DOUBTED[1]!].map((intervals) => new Date(midnight + intervals * QUARTER_MS).toISOString());
    const doubt = {
      causes: ['less-than-the-feeder' as const],
      since: since!,
      until: until!,
      intervals: 108,
      goesOn: true,
      mayBeOlder: false,
    };
    await route.fulfill({ response: answer, json: { ...view, areas: [...view.areas, { ...AREA, days, doubt }] } satisfies FeedersView });
  });
}

describe('feeders at the console', () => {
  it('T8-P6: what goes in at the heads is held against what homes say, day by day', async () => {
    const { context, page } = await freshProfile(browser);
    await signIn(page, 'demo-operator');
    await show(page, '#/feeders');
    const row = page.locator('main table').first().locator('tbody tr');
    await row.getByText('adds up').waitFor();
    expect(await row.count()).toBe(1);
    expect(await row.locator('a').textContent()).toBe('harbour, hill with mill');
    const shares = await page.locator('main table').last().locator('.loss .number').allTextContents();
    expect(shares.length).toBeGreaterThan(4);
    for (const share of shares) {
      expect(Number.parseFloat(share)).toBeGreaterThan(3);
      expect(Number.parseFloat(share)).toBeLessThan(5);
    }
    await context.close();
  });

  it('T8-P6: one that does not add up is on top, says since when and why, and is looked at by keys alone', async () => {
    const { context, page } = await freshProfile(browser);
    await signIn(page, 'demo-supervisor');
    await withTapped(page);
    await show(page, '#/feeders');
    const first = page.locator('main table').first().locator('tbody tr').first();
    expect(await first.locator('a').textContent()).toBe('quay');
    expect(await first.textContent()).toMatch(/doubted since \d/);
    await page.getByText('more passed the head than homes report, beyond losses').waitFor();
    await look(page, 'console-feeders');

    await first.locator('a').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'harbour, hill with mill, day by day' }).waitFor();
    expect(await page.getByText('more passed the head').count()).toBe(0);
    await context.close();
  });

  it('C10.1-1: an auditor has no such page', async () => {
    const { context, page } = await freshProfile(browser);
    await signIn(page, 'demo-auditor');
    await show(page, '#/feeders');
    await page.getByText('Your role does not use this page.').waitFor();
    expect(await page.locator('nav a', { hasText: 'Feeders' }).count()).toBe(0);
    await context.close();
  });
});
