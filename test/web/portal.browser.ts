import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium } from './support/chromium.ts';
import { findings, look, overflow, picture } from './support/look.ts';
import { freshProfile, settled, show, signIn } from './support/people.ts';

const VIEWS = ['home', 'usage', 'bill', 'demand', 'sharing', 'downloads', 'privacy', 'erasure'] as const;
const DESK = { width: 1280, height: 900 };

let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await openChromium();
  ({ context, page } = await freshProfile(browser));
  await signIn(page, 'demo-customer');
});
afterEach(async () => {
  await page.setViewportSize(DESK);
  await page.emulateMedia({ forcedColors: null, reducedMotion: null, colorScheme: null });
});
afterAll(async () => {
  await context?.close();
  await browser?.close();
});

describe('every view', () => {
  it.each(VIEWS)('%s reads well on a telephone and a desk, light and dark', async (view) => {
    await show(page, `#/${view}`);
    expect(await page.locator('h1').count()).toBe(1);
    await look(page, `portal-${view}`);
  });

  it.each(['sharing', 'downloads', 'privacy'])(
    '%s is in sight in the navigation of a telephone, also of one that is turned',
    async (view) => {
      await page.setViewportSize(DESK);
      await show(page, `#/${view}`);
      const current = page.locator('nav a[aria-current]');
      for (const width of [390, 844, 320]) {
        await page.setViewportSize({ width, height: 844 });
        const isInSight = async () => {
          const { x, width: wide } = (await current.boundingBox())!;
          return x >= 0 && Math.floor(x + wide) <= width;
        };
        await expect.poll(isInSight, { timeout: 5_000 }).toBe(true);
      }
    },
  );

  it('so does the page before signing in', async () => {
    const stranger = await freshProfile(browser);
    await stranger.page.goto(`${inject('town').portal}/`);
    await settled(stranger.page);
    await look(stranger.page, 'portal-signed-out');
    await stranger.context.close();
  });

  it('and a bill with its lines', async () => {
    await show(page, '#/bill');
    await page.locator('table a').first().click();
    await settled(page);
    await look(page, 'portal-one-bill');
  });

  it.each(['de', 'fr'])('has room for its words in %s', async (language) => {
    await page.locator('.header select').first().selectOption(language);
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      for (const view of VIEWS) {
        await show(page, `#/${view}`);
        expect(await page.evaluate('document.documentElement.lang')).toBe(language);
        expect(await overflow(page), `${view} at ${width} px`).toEqual([]);
      }
    }
    await page.setViewportSize(DESK);
    await page.locator('.header select').first().selectOption('en');
  });

  it('has room for the hours of a region that counts to twelve', async () => {
    const american = await freshProfile(browser, { locale: 'en-US' });
    await signIn(american.page, 'demo-customer');
    await show(american.page, '#/home');
    await american.page.locator('.cheapest dd').first().waitFor();
    for (const width of [320, 390, 1280]) {
      await american.page.setViewportSize({ width, height: 844 });
      await settled(american.page);
      expect(await american.page.locator('.cheapest').textContent()).toMatch(/\d\d:00.[AP]M/);
      expect(await american.page.evaluate<string[]>(OVER_THE_CARD), `at ${width} px`).toEqual([]);
      expect(await american.page.evaluate<string[]>(LABELS_THAT_MEET), `at ${width} px`).toEqual([]);
    }
    await american.context.close();
  });

  it('loses nothing at 200 % and at 400 %', async () => {
    for (const width of [640, 320]) {
      await page.setViewportSize({ width, height: 512 });
      for (const view of VIEWS) {
        await show(page, `#/${view}`);
        expect(await overflow(page), `${view} at ${width} px`).toEqual([]);
        expect(await page.evaluate<string[]>(CUT), `${view} at ${width} px`).toEqual([]);
      }
    }
  });

  it('keeps its edges where colours are forced', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    for (const view of VIEWS) {
      await show(page, `#/${view}`);
      expect(await findings(page), view).toEqual([]);
      expect(await page.evaluate<string[]>(INVISIBLE_BARS), view).toEqual([]);
    }
    await show(page, '#/usage');
    await picture(page, 'portal-usage-forced-colours');
  });

  it('stands still for whoever asked for it', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const view of VIEWS) {
      await show(page, `#/${view}`);
      expect(await page.evaluate<string[]>(MOVING), view).toEqual([]);
    }
  });
});

/** Words that do not fit into what holds them, where nobody can scroll to them. */
const CUT = `[...document.querySelectorAll('main *')].filter((element) => {
  const style = getComputedStyle(element);
  const hides = style.overflowX === 'hidden' || style.overflowX === 'clip';
  return hides && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1;
}).map((element) => element.tagName + '.' + element.className)`;

/** Words of a card that hang over its edge. */
const OVER_THE_CARD = `[...document.querySelectorAll('.card *')].filter((element) => {
  const [card, box] = [element.closest('.card').getBoundingClientRect(), element.getBoundingClientRect()];
  return box.width > 1 && (box.right > card.right || box.left < card.left);
}).map((element) => element.tagName + '.' + element.className + ' ' + element.textContent)`;

/** Labels of an axis that touch the next. */
const LABELS_THAT_MEET = `[...document.querySelectorAll('.bars-plot')].flatMap((plot) => {
  const labels = [...plot.querySelectorAll('.bars-text[text-anchor="middle"]')].map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }));
  return labels.filter(({ box }, i) => i > 0 && box.left < labels[i - 1].box.right + 2).map(({ text }) => text);
})`;

/** Bars whose fill is the ground they stand on. */
const INVISIBLE_BARS = `(() => {
  const ground = getComputedStyle(document.body).backgroundColor;
  return [...document.querySelectorAll('.bars-plot rect[class^="bar"]')].filter((bar) => {
    const { fill, stroke } = getComputedStyle(bar);
    return fill === ground && (stroke === 'none' || stroke === ground);
  }).map((bar) => bar.getAttribute('class'));
})()`;

/** Elements that would move for longer than the blink of an eye. */
const MOVING = `[...document.querySelectorAll('*')].filter((element) => {
  const { animationName, animationDuration, transitionDuration, transitionProperty } = getComputedStyle(element);
  const lasts = (text) => Math.max(...text.split(',').map(parseFloat)) > 0.01;
  return (animationName !== 'none' && lasts(animationDuration)) || (transitionProperty !== 'none' && lasts(transitionDuration));
}).map((element) => element.tagName + '.' + element.className)`;
