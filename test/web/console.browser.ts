import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PersonRole } from '../../topology/route.ts';
import { STREAM_FAMILIES } from '../../topology/stream-families.ts';
import { openChromium } from './support/chromium.ts';
import { findings, look, overflow } from './support/look.ts';
import { freshProfile, type SignInPlaces, settled, show, signIn } from './support/people.ts';
import { serveSpikedTown } from './support/spiked-town.ts';

let browser: Browser;
let town: SignInPlaces;
let end: () => Promise<void> = async () => {};
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  [browser, { town, end }] = await Promise.all([openChromium(), serveSpikedTown()]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await end();
}, 60_000);
afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
});

const PAGES = {
  overview: 'Overview',
  exceptions: 'Exceptions',
  meter: 'Meter',
  bills: 'Held bills',
  devices: 'Devices',
  ingest: 'Ingest',
  feeders: 'Feeders',
  feeds: 'Feeds',
  keys: 'Keys & certificates',
  audit: 'Audit',
} as const;
type PageName = keyof typeof PAGES;

/** Written down apart from the routes: who uses which page. */
const USES: Readonly<Record<PersonRole, readonly PageName[]>> = {
  operator: ['overview', 'exceptions', 'meter', 'bills', 'devices', 'ingest', 'feeders', 'feeds'],
  supervisor: ['overview', 'exceptions', 'meter', 'bills', 'devices', 'ingest', 'feeders', 'feeds'],
  auditor: ['overview', 'exceptions', 'meter', 'bills', 'devices', 'ingest', 'feeds', 'keys', 'audit'],
  'security-officer': ['overview', 'devices', 'ingest', 'feeds', 'keys', 'audit'],
};
const ROLES = Object.keys(USES) as PersonRole[];

async function as(role: PersonRole, options: Parameters<typeof freshProfile>[1] = {}): Promise<Page> {
  const { context, page } = await freshProfile(browser, options);
  open.push(context);
  await signIn(page, `demo-${role}`, town);
  await page.waitForSelector('nav a');
  return page;
}

/** The first meter day of a row of the queue, as an address: by how many meters it has. */
async function dayOf(page: Page, meters: number, nth = 0): Promise<string> {
  await show(page, '#/exceptions');
  const row = page
    .locator('.queue tbody tr', { hasText: 'Above the fuse' })
    .filter({ has: page.locator('td.number', { hasText: new RegExp(`^${meters}$`) }) });
  await row.first().locator('.opens').click();
  if (meters === 1) {
    await page.waitForURL(/#\/meter\//);
    return new URL(page.url()).hash;
  }
  return (await page.locator('tr.inside tbody a').nth(nth).getAttribute('href')) ?? '';
}

const banner = (page: Page) => page.locator('main .banner').first();

describe('who may what', () => {
  it.each(ROLES)(
    'C10.1-1: a %s sees the pages of their role, and the service refuses the others whatever the browser believes',
    async (role) => {
      const { context, page } = await freshProfile(browser);
      open.push(context);
      // A browser that takes itself for an auditor, or for an operator where the auditor is the one who signs in.
      await signIn(page, `demo-${role}`, town);
      await page.waitForSelector('nav a');
      expect(await page.locator('nav a').allTextContents()).toEqual(USES[role].map((name) => PAGES[name]));

      const pretended: PersonRole = USES[role].includes('keys') ? 'supervisor' : 'auditor';
      await page.route('**/v1/console/session', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), role: pretended } });
      });
      await page.reload();
      await page.waitForSelector('nav a');
      expect(await page.locator('nav a').allTextContents()).toEqual(USES[pretended].map((name) => PAGES[name]));
      for (const name of USES[pretended].filter((each) => !USES[role].includes(each))) {
        await show(page, `#/${name}`);
        if (name === 'meter') {
          await show(page, '#/meter/0000000000000001');
        }
        expect(await banner(page).textContent(), name).toContain('Not allowed');
      }
    },
  );
});

describe('every view', () => {
  it('is looked at, on a telephone and on a desk', async () => {
    const page = await as('supervisor');
    await show(page, '#/overview');
    await look(page, 'console-overview-trouble');
    const day = await dayOf(page, 3);
    await look(page, 'console-exceptions');
    for (const name of ['bills', 'ingest', 'feeds'] as const) {
      await show(page, `#/${name}`);
      await look(page, `console-${name}`);
    }
    await show(page, day.split('/').slice(0, 3).join('/'));
    await look(page, 'console-meter');
    await show(page, day);
    await page.getByRole('button', { name: /What was measured/ }).click();
    await page.getByLabel('What').selectOption('accept');
    await page.getByLabel('Reason').selectOption('meter-read');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('heading', { name: 'Preview' }).waitFor();
    await look(page, 'console-day');
    const auditor = await as('auditor');
    for (const name of ['keys', 'audit'] as const) {
      await show(auditor, `#/${name}`);
      await look(auditor, `console-${name}`);
    }
  }, 400_000);

  it('is whole at twice its size, and in the colours that a person forces', async () => {
    const day = await dayOf(await as('supervisor'), 3);
    const zoomed = await as('auditor', { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
    const forced = await as('auditor', { forcedColors: 'active' });
    for (const fragment of [...USES.auditor.map((name) => `#/${name}`), day]) {
      for (const page of [zoomed, forced]) await show(page, fragment);
      expect(await overflow(zoomed), fragment).toEqual([]);
      expect(await findings(forced), fragment).toEqual([]);
    }
  }, 240_000);
});

describe('the work of an operator', () => {
  it('takes an exception by keys alone: found, proposed, and told', async () => {
    const page = await as('operator');
    await show(page, '#/exceptions');
    await page.waitForSelector('.queue tbody tr');
    const cursor = async () => await page.locator('tr.cursor .opens').textContent();
    const first = await cursor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await page.locator('.queue tbody tr.cursor td.number').textContent()).toBe('1');
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    expect(await cursor()).toBe(first);
    await page.keyboard.press('e');
    await page.getByRole('dialog', { name: 'Estimate what is held or missing' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    const dialog = page.getByRole('dialog', { name: 'Accept measured values' });
    await dialog.getByRole('button', { name: 'Start' }).waitFor();
    await dialog.getByRole('button', { name: 'Start' }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('0 done, 1 need a second person').waitFor();
    await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(false);
  });

  it('C10.1-1: takes two: an operator proposes, takes it back, proposes again, and a supervisor approves and asks to undo', async () => {
    const [operator, supervisor] = [await as('operator'), await as('supervisor')];
    const day = await dayOf(operator, 3, 1);
    await show(operator, day);
    const propose = async () => {
      await operator.getByRole('button', { name: /What was measured/ }).click();
      await operator.getByLabel('What').selectOption('accept');
      await operator.getByLabel('Reason').selectOption('meter-read');
      await operator.getByRole('button', { name: 'Preview' }).click();
      await operator.getByText('The day is final: somebody else has to approve.').waitFor();
      await operator.getByRole('button', { name: 'Propose to a second person' }).click();
      await operator.getByText('Proposed. A second person has to approve.').waitFor();
    };
    await propose();
    expect(await operator.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await operator.getByRole('button', { name: 'Withdraw' }).click();
    await operator.getByText('Rejected.').waitFor({ state: 'detached' });
    const question = operator.getByRole('dialog', { name: /^Withdraw edit/ });
    await question.getByText('nothing of the day changes').waitFor();
    await question.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await operator.getByText('Rejected.').waitFor();
    await propose();
    await show(supervisor, day);
    await supervisor.getByRole('button', { name: 'Approve' }).click();
    const dialog = supervisor.getByRole('dialog', { name: /^Approve edit/ });
    await dialog.getByText(/in total/).waitFor();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await supervisor.getByText('Approved.').waitFor();
    const approved = supervisor.getByRole('row', { name: /demo-operator, approved by demo-supervisor/ });
    await approved.getByRole('button', { name: /^Undo/ }).click();
    await supervisor.getByLabel('Reason').selectOption('mistake');
    await supervisor.getByRole('button', { name: 'Preview' }).click();
    await supervisor.getByRole('button', { name: 'Propose to a second person' }).click();
    await supervisor.getByText('You proposed it: somebody else decides.').waitFor();
    expect(await supervisor.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  it('sees a day as it was known, by keys', async () => {
    const page = await as('operator');
    await show(page, await dayOf(page, 3, 2));
    const slider = page.getByLabel('As known at');
    await slider.focus();
    await page.keyboard.press('Home');
    await page.getByText('It can be looked at, not changed.').waitFor();
    expect(await page.getByRole('button', { name: 'Preview' }).count()).toBe(0);
    await page.getByLabel('As known at').focus();
    await page.keyboard.press('End');
    await page.getByRole('button', { name: 'Preview' }).waitFor();
  });

  it('leaves a replay to a supervisor, who says from where', async () => {
    const operator = await as('operator');
    await show(operator, '#/feeds');
    expect(await operator.getByRole('button', { name: 'Replay …' }).count()).toBe(0);
    const page = await as('supervisor');
    await show(page, '#/feeds');
    await page.getByRole('button', { name: 'Replay …' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Replay', exact: true }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('0');
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByText('billing.bills is sent again behind 0.').waitFor();
  });

  it('goes on with what it showed when the service does not answer for once', async () => {
    const page = await as('operator');
    await show(page, '#/overview');
    const open = await page.locator('.big').textContent();
    await page.route('**/v1/overview', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{}' }));
    await page.getByRole('button', { name: 'Refresh' }).click();
    await banner(page).waitFor();
    expect(await page.locator('.big').textContent()).toBe(open);
  });
});

describe('the work of an auditor', () => {
  it('R9.1-3: sees who opened what, takes it along as a file, and changes nothing', async () => {
    const page = await as('auditor');
    await show(page, await dayOf(page, 3));
    expect(await page.getByRole('button', { name: /Preview|Undo|Approve|Reject/ }).count()).toBe(0);
    await show(page, '#/audit');
    await page
      .getByRole('row', { name: /demo-auditor/ })
      .first()
      .waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JSON' }).click()]);
    const { entries } = JSON.parse(readFileSync(await file.path(), 'utf8')) as { entries: { person: string | null }[] };
    expect(entries.some(({ person }) => person === 'demo-auditor')).toBe(true);
    expect(await page.getByText(`${entries.length} accesses exported.`).count()).toBe(1);
  });

  it('C10.1-7: has every family of streams verified', async () => {
    const page = await as('auditor');
    await show(page, '#/audit');
    await settled(page);
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Everything is as it was recorded.').waitFor({ timeout: 110_000 });
    const told = (await page.locator('main .banner').last().textContent()) ?? '';
    const all = STREAM_FAMILIES.length;
    expect(told).toMatch(new RegExp(`[1-9][\\d,]* streams and [1-9][\\d,]* commits of ${all} of ${all} families`));
  });
});
