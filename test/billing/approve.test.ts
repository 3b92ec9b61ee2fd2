import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import type { BillHeld, DomainEvent } from '../../events/index.ts';
import { billPeriod, rerateForRestatement } from '../../lambdas/billing/bill-period.ts';
import { dueRuns } from '../../lambdas/billing/due-runs.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { all } from '../contract/support/events.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { closeAll, closeDay, openHomes, PERIOD, TARIFF } from './closed-homes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OCTOBER = { from: '2026-10-01', until: '2026-11-01' };
const U1 = { account: 'acc-home-1', usagePoint: 'home-1' };
const ANN = ['--as', 'ann', '--role', 'supervisor'];
const WHO = [...ANN, '--reason', 'multiplier seen on site'];

let folder: string;
let state: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'joulekeep-approve-'));
  state = join(folder, 'state');
});

afterEach(() => rmSync(folder, { recursive: true }));

const platformAt = (day: string) =>
  createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.parse(`${day}T12:00:00Z`) }, timer: false });

async function approve(account: string, ...more: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const args = ['bin/joulekeep.ts', 'bill', 'approve', account, '--state', state, '--period', '2026-10', '--at', '2026-11-10', ...more];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

/** What the command says to add, so that what it shows goes. */
async function seenHold(account: string, ...more: string[]): Promise<readonly string[]> {
  const { out } = await approve(account, ...WHO, ...more);
  return out.match(/--held-at \S+$/m)![0].split(' ');
}

/** The hold of a bill that nobody's word lets go: the command names none. */
async function recordedHold(stream: string): Promise<readonly string[]> {
  const last = (await recorded(stream, 'acc-home-2')).findLast(({ type }) => type === 'BillHeld') as { data: BillHeld };
  return ['--held-at', new Date(last.data.at).toISOString()];
}

/** The first home's bill went out and waits for review, the second one's waits for days. */
async function heldBills(): Promise<void> {
  const platform = await platformAt('2026-11-06');
  await openHomes(platform.as);
  await platform.people.issue('ann', 'supervisor', (await deviceKey('ann')).csr);
  await platform.people.issue('olga', 'operator', (await deviceKey('olga')).csr);
  for (const day of daysOf(OCTOBER)) await closeDay(platform.as, 'home-1', day, 100);
  await dueRuns(platform.as('billing'));
  const restated = { type: 'RestateDay', perCount: [{ channel: 0, perCount: 2 }], reason: 'multiplier', by: 'op-1', at: 2 } as const;
  await closeDay(platform.as, 'home-1', '2026-10-20', 100, restated);
  const sources = await openBilling(platform.as('billing'), [U1.account], OCTOBER);
  const [held] = await rerateForRestatement(sources, { ...U1, day: '2026-10-20', reason: 'restated' });
  expect(held?.state.held?.reasons).toEqual(['review']);
  await publishTariff(platform.as('billing'), { file: 'f.json', text: JSON.stringify({ ...TARIFF, from: '2026-10-31' }) }, new Map());
  await platform.close();
}

async function recorded(stream: string, account = U1.account): Promise<readonly DomainEvent[]> {
  const platform = await platformAt('2026-11-11');
  const billing = platform.as('billing');
  const window = { from: Date.parse('2026-09-01'), until: Date.parse(addDays('2026-11-11', 1)) };
  const access = await openSubjectData(billing, { purpose: 'billing', ...window, subjects: [account] });
  const commits = await all(billing.events.read(stream, 0, access));
  await platform.close();
  return commits.flatMap(({ events }) => events);
}

it('bill approve lets a bill go that waits for review, and records who and why with the access and the bill', {
  timeout: 120_000,
}, async () => {
  await heldBills();
  const shown = await approve('acc-home-1', ...WHO);
  expect(shown).toMatchObject({ code: 1, out: expect.stringMatching(/is held until .*: a person has to look at a change, comes to /) });
  const seen = await seenHold('acc-home-1');
  const other = ['--held-at', '2026-11-06T12:00:00.001Z'];
  expect(await approve('acc-home-1', ...WHO, ...other)).toEqual({ ...shown, out: `held otherwise than you saw: ${shown.out}` });
  // Looking takes no reason; letting go does.
  expect(await approve('acc-home-1', ...ANN)).toEqual(shown);
  for (const word of [seen, ['--reprice']])
    expect(await approve('acc-home-1', ...ANN, ...word)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('--reason says why'),
    });
  // At the prices of today it comes to something that nobody was shown.
  expect(await approve('acc-home-1', ...WHO, ...seen, '--reprice')).toMatchObject({
    code: 2,
    err: expect.stringContaining('is held; let that go first'),
  });
  expect(await approve('acc-home-1', ...WHO, '--held-at', '2026-11-06')).toMatchObject({
    code: 2,
    err: expect.stringContaining('an instant like'),
  });
  expect((await recorded('bill/acc-home-1/home-1.2026-10-01')).at(-1)?.type).toBe('BillHeld');
  // As somebody writes it down who leaves out milliseconds that are none.
  const wholeSecond = seen.map((word) => word.replace('.000Z', 'Z'));
  expect(wholeSecond).not.toEqual(seen);
  const done = await approve('acc-home-1', ...WHO, ...wholeSecond);
  expect(done).toEqual({ code: 0, out: 'bill/acc-home-1/home-1.2026-10-01 went out as revision 2\n', err: '' });
  expect((await recorded('bill/acc-home-1/home-1.2026-10-01')).at(-1)).toMatchObject({
    type: 'BillRerated',
    data: { approvedBy: 'ann', reason: 'multiplier seen on site', importWh: '307600', findings: ['V27'] },
  });
  expect((await recorded('access/2026-11-10.billing'))[0]).toMatchObject({
    type: 'DataAccessed',
    data: { person: 'ann', subjects: ['acc-home-1'] },
  });
  expect(await approve('acc-home-1', ...WHO)).toMatchObject({ code: 2, err: expect.stringContaining('no bill from 2026-10-01 is held') });
  // A bill that is not held goes out again at the prices of today.
  const repriced = await approve('acc-home-1', ...WHO, '--reprice', '--demand');
  expect(repriced).toMatchObject({ code: 0, out: 'bill/acc-home-1/home-1.2026-10-01 went out as revision 3\n' });
  expect((await recorded('bill/acc-home-1/home-1.2026-10-01')).at(-1)).toMatchObject({
    data: { approvedBy: 'ann', demandApprovedBy: 'ann', tariffs: [{ version: 1 }, { version: 2 }] },
  });
});

it('bill approve lets a bill go whose days are no month, and prices it anew', { timeout: 120_000 }, async () => {
  const platform = await platformAt('2026-11-06');
  await openHomes(platform.as);
  await platform.people.issue('ann', 'supervisor', (await deviceKey('ann')).csr);
  await closeAll(platform.as, 'home-1', 100);
  const sources = await openBilling(platform.as('billing'), [U1.account], PERIOD);
  await billPeriod(sources, { ...U1, ...PERIOD });
  const restated = { type: 'RestateDay', perCount: [{ channel: 0, perCount: 2 }], reason: 'multiplier', by: 'op-1', at: 2 } as const;
  await closeDay(platform.as, 'home-1', '2026-10-25', 100, restated);
  const [held] = await rerateForRestatement(sources, { ...U1, day: '2026-10-25', reason: 'restated' });
  expect(held?.state.held?.reasons).toEqual(['review']);
  await platform.close();
  const begins = ['--start-day', '24'];
  const seen = await seenHold('acc-home-1', ...begins);
  // By the month and by any day of it the same bill is meant.
  for (const period of ['2026-10', '2026-10-24', '2026-10-26'])
    expect(await seenHold('acc-home-1', '--period', period), period).toEqual(seen);
  for (const period of ['2026-10-23', '2026-10-27', '2026-11'])
    expect(await approve('acc-home-1', ...ANN, '--period', period)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`no bill of ${period}; see joulekeep bill show acc-home-1`),
    });
  const last = platformAt('2026-11-06');
  const billing = (await last).as('billing');
  await billPeriod(await openBilling(billing, [U1.account], PERIOD), { ...U1, from: '2026-10-27', until: '2026-10-28' });
  await (await last).close();
  expect(await approve('acc-home-1', ...ANN)).toMatchObject({ code: 2, err: expect.stringContaining('several bills begin in 2026-10') });
  expect(await approve('acc-home-1', ...WHO, ...begins, ...seen)).toEqual({
    code: 0,
    out: 'bill/acc-home-1/home-1.2026-10-24 went out as revision 2\n',
    err: '',
  });
  expect(await approve('acc-home-1', ...WHO, ...begins, '--reprice')).toEqual({
    code: 0,
    out: 'bill/acc-home-1/home-1.2026-10-24 stays as it is, revision 2\n',
    err: '',
  });
});

it('bill approve says what it can not let go, ends with 1 there, and with 2 for a wrong call', { timeout: 120_000 }, async () => {
  await heldBills();
  // The tariff has a version more since: it comes to something else than what was held.
  const second = 'bill/acc-home-2/home-2.2026-10-01';
  expect(await approve('acc-home-2', ...ANN)).toMatchObject({
    code: 1,
    out: expect.stringMatching(
      /\n {2}nothing was let go; nobody's word lets it go: it goes when .*, or on estimates from 2026-12-06 on\n$/,
    ),
  });
  const changed = await approve('acc-home-2', ...WHO, ...(await recordedHold(second)));
  expect(changed).toMatchObject({ code: 1, out: '', err: expect.stringContaining('comes to something else') });
  const waits = await approve('acc-home-2', ...WHO, ...(await recordedHold(second)));
  expect(waits).toMatchObject({
    code: 1,
    out: expect.stringMatching(/home-2.2026-10-01 stays held until 2026-12-06: days are not final yet\n$/),
  });
  const operator = ['--as', 'olga', '--role', 'operator', '--reason', 'x'];
  expect(await approve('acc-home-1', ...operator)).toMatchObject({ code: 2, err: expect.stringContaining('supervisor is expected') });
  expect(await approve('nobody', ...WHO)).toMatchObject({ code: 2, err: expect.stringContaining('nobody: there is no such account') });
  expect(await approve('acc-home-1', ...WHO, '--point', 'x')).toMatchObject({ code: 2, err: expect.stringContaining('at x;') });
  const unnamed = ['--as', 'Ann B', '--role', 'supervisor', '--reason', 'x'];
  expect(await approve('acc-home-1', ...unnamed)).toMatchObject({ code: 2, err: expect.stringContaining('a person is named by') });
  expect((await recorded('bill/acc-home-1/home-1.2026-10-01')).at(-1)?.type).toBe('BillHeld');
});

it('C10.1-1: nobody lets a bill go by a name that no certificate in force has as a supervisor', { timeout: 120_000 }, async () => {
  await heldBills();
  for (const name of ['eve', 'olga']) {
    const who = ['--as', name, '--role', 'supervisor', '--reason', 'x'];
    expect(await approve('acc-home-1', ...who)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no certificate in force says that'),
    });
  }
  expect((await recorded('bill/acc-home-1/home-1.2026-10-01')).at(-1)?.type).toBe('BillHeld');
});
