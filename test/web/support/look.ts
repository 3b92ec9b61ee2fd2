import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { settled } from './people.ts';
import { smallPng } from './small-png.ts';

const PICTURES = join(dirname(dirname(dirname(import.meta.dirname))), 'docs', 'pictures');
const WIDTHS = [390, 1280] as const;
const THEMES = ['light', 'dark'] as const;
const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * Looks at what the page shows, on a telephone and on a desk, light and dark: no finding of axe, nothing wider than the screen. Pictures
 * with `JOULEKEEP_PICTURES=1`. @param name `<application>-<view>`
 */
export async function look(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await settled(page);
      const at = `${name} at ${width} px, ${colorScheme}`;
      expect(await findings(page), at).toEqual([]);
      expect(await overflow(page), at).toEqual([]);
      await picture(page, `${name}-${width}-${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** What axe finds, a line each. */
export async function findings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG_22_AA).setLegacyMode().analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.split('\n').slice(1).join(' ').trim()}`),
  );
}

/** Elements that reach over the edge of the screen, where the page scrolls sideways for them. */
export async function overflow(page: Page): Promise<readonly string[]> {
  return await page.evaluate<string[]>(OVERFLOWING);
}

/** What scrolls or hides in a place of its own is not the page's. */
const OVERFLOWING = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const own = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== 'visible') return true;
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && (box.right > width + 1 || box.left < -1) && !own(element);
  });
  const said = wide.map((element) => element.tagName.toLowerCase() + '.' + element.className + ' ' + Math.round(element.getBoundingClientRect().right));
  return [document.documentElement.scrollWidth + ' px wide', ...said];
})()`;

/** What a picture is worth looking at ends somewhere. */
const TALLEST = 2_200;

/** @param name of the file in docs/pictures, without its ending */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['JOULEKEEP_PICTURES'] !== '1') return;
  mkdirSync(PICTURES, { recursive: true });
  const [width, height] = await page.evaluate<[number, number]>(SIZE);
  const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST) };
  const taken = await page.screenshot({ fullPage: true, clip, animations: 'disabled', caret: 'hide', scale: 'css' });
  writeFileSync(join(PICTURES, `${name}.png`), smallPng(taken));
}

/** Of the whole page; of the screen alone where a dialog lies over it. */
const SIZE = `[innerWidth, document.querySelector('dialog[open]') ? innerHeight : Math.max(document.documentElement.scrollHeight, innerHeight)]`;
