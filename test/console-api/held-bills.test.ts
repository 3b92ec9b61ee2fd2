import { beforeEach, describe, expect, it } from 'vitest';
import type { BillApproved, HeldBills } from '../../api/held-bills.ts';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import type { DomainEvent } from '../../events/index.ts';
import { rerateForRestatement } from '../../lambdas/billing/bill-period.ts';
import { dueRuns } from '../../lambdas/billing/due-runs.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { noteWaiting } from '../../lambdas/billing/waiting-bills.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { closeDay, openHomes } from '../billing/closed-homes.ts';
import { ASSET } from '../subjects/given.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ConsoleDoor } from './console-world.ts';

const OCTOBER = { from: '2026-10-01', until: '2026-11-01' };
const U1 = { account: 'acc-home-1', usagePoint: 'home-1' };
const [REVIEWED, UNREAD] = [
  { account: 'acc-home-1', bill: 'home-1.2026-10-01' },
  { account: 'acc-home-2', bill: 'home-2.2026-10-01' },
];

let world: MemoryWorld;
let door: ConsoleDoor;

/** The first home's bill went out and waits for review, the second one's waits for days. */
beforeEach(async () => {
  world = new MemoryWorld({ now: Date.parse('2026-11-06T12:00:00Z') });
  door = new ConsoleDoor((principal) => world.as(principal));
  const as = (principal: string) => world.as(principal);
  await openHomes(as);
  for (const day of daysOf(OCTOBER)) await closeDay(as, 'home-1', day, 100);
  await dueRuns(world.as('billing'));
  const restated = { type: 'RestateDay', perCount: [{ channel: 0, perCount: 2 }], reason: 'multiplier', by: 'op-1', at: 2 } as const;
  await closeDay(as, 'home-1', '2026-10-20', 100, restated);
  const sources = await openBilling(world.as('billing'), [U1.account], OCTOBER);
  await rerateForRestatement(sources, { ...U1, day: '2026-10-20', reason: 'restated' });
}, 60_000);

async function recorded(account: string, stream: string): Promise<readonly DomainEvent[]> {
  const window = { from: 0, until: Date.UTC(2100, 0, 1) };
  const access = await openSubjectData(world.as('auditor'), { purpose: 'audit', ...window, subjects: [account] });
  const commits = await Array.fromAsync(world.as('auditor').events.read(stream, 0, access));
  return commits.flatMap(({ events }) => events);
}

const list = async (as = 'sue') => (await door.ask<HeldBills>('listHeldBills', { role: 'supervisor', as })).body;
const seen = async ({ account }: { readonly account: string }) => (await list()).bills.find((one) => one.account === account)!.heldAt;

async function approve(path: typeof REVIEWED, body: object, as = 'sue') {
  return await door.ask<BillApproved>('approveBill', { role: 'supervisor', as, path, body });
}

async function accesses(): Promise<readonly Extract<DomainEvent, { type: 'DataAccessed' }>['data'][]> {
  const events = await Array.fromAsync(world.as('auditor').events.read('access/2026-11-06.billing'));
  return events.flatMap((commit) => commit.events).flatMap((event) => (event.type === 'DataAccessed' ? [event.data] : []));
}

describe('held bills at the console', () => {
  it('are listed with what holds them, and whose were opened is on record with who asked', async () => {
    const { bills, more } = await list('ann');
    expect(more).toBe(0);
    expect(bills).toMatchObject([
      { ...REVIEWED, reasons: ['review'], billed: true, from: '2026-10-01', until: '2026-11-01' },
      { ...UNREAD, reasons: ['missing', 'not-final'], billed: false },
    ]);
    expect((await accesses()).at(-1)).toMatchObject({ person: 'ann', purpose: 'billing', subjects: ['acc-home-1', 'acc-home-2'] });
  });

  it('C10.1-1: one that waits for review goes out by a supervisor’s word, which the bill and the access record', async () => {
    const { status, body } = await approve(REVIEWED, { heldAt: await seen(REVIEWED), reason: 'multiplier seen on site' });
    expect([status, body]).toEqual([200, { result: 'went-out', reasons: [], revision: 2 }]);
    expect((await recorded(REVIEWED.account, `bill/${REVIEWED.account}/${REVIEWED.bill}`)).at(-1)).toMatchObject({
      type: 'BillRerated',
      data: { approvedBy: 'sue', reason: 'multiplier seen on site', findings: ['V27'] },
    });
    expect((await accesses()).at(-1)).toMatchObject({ person: 'sue', subjects: ['acc-home-1'] });
    expect((await list()).bills.map(({ bill }) => bill)).toEqual([UNREAD.bill]);
  });

  it('C10.1-1: nobody else lets one go, and nothing is recorded of who tries', async () => {
    const heldAt = await seen(REVIEWED);
    const stream = `bill/${REVIEWED.account}/${REVIEWED.bill}`;
    const [before, opened] = [await recorded(REVIEWED.account, stream), await accesses()];
    for (const role of ['operator', 'auditor', 'security-officer', 'customer', 'billing-system'] as const) {
      const told = await door.ask('approveBill', { role, as: 'ann', path: REVIEWED, body: { heldAt, reason: 'x' } });
      expect([401, 403], role).toContain(told.status);
    }
    expect(await recorded(REVIEWED.account, stream)).toEqual(before);
    expect(await accesses()).toEqual(opened);
  });

  it('C10.1-1: one that is held for something else than was seen is not let go', async () => {
    const earlier = new Date(Date.parse(await seen(REVIEWED)) - 1).toISOString();
    expect(await approve(REVIEWED, { heldAt: earlier, reason: 'x' })).toMatchObject({ status: 412 });
    expect((await list()).bills).toHaveLength(2);
  });

  it('what is missing no word replaces: it stays held, and the answer says why', async () => {
    const told = await approve(UNREAD, { heldAt: await seen(UNREAD), reason: 'please', demand: true });
    expect([told.status, told.body]).toEqual([200, { result: 'stays-held', reasons: ['missing', 'not-final'] }]);
    expect((await list()).bills).toHaveLength(2);
  });

  it('asked twice it is one approval: the second finds none that waits', async () => {
    const word = { heldAt: await seen(REVIEWED), reason: 'multiplier seen on site' };
    await approve(REVIEWED, word);
    const stream = `bill/${REVIEWED.account}/${REVIEWED.bill}`;
    const before = await recorded(REVIEWED.account, stream);
    expect(await approve(REVIEWED, word)).toMatchObject({ status: 404 });
    expect(await recorded(REVIEWED.account, stream)).toEqual(before);
  });

  it('C10.1-7: of a bill that is not nobody’s data is opened, and what is not is told as what does not wait', async () => {
    const [heldAt, opened] = [await seen(REVIEWED), await accesses()];
    for (const path of [
      { account: 'nobody', bill: 'home-1.2026-10-01' },
      { account: 'acc-home-2', bill: 'home-1.2026-10-01' },
      { account: 'acc-home-1', bill: 'home-1.2026-13-99' },
    ])
      expect(await approve(path, { heldAt, reason: 'x' })).toMatchObject({ status: 404 });
    expect(await accesses()).toEqual(opened);
  });

  it('wants a reason, and nothing that it does not know', async () => {
    const heldAt = await seen(REVIEWED);
    for (const body of [
      { heldAt },
      { heldAt, reason: '  ' },
      { reason: 'x' },
      { heldAt, reason: 'x', as: 'boss' },
      { heldAt, reason: 'x', demand: false },
    ])
      expect(await approve(REVIEWED, body)).toMatchObject({ status: 400 });
  });

  it('a home whose tariff was never published takes the list from nobody', async () => {
    await openHomeWithoutPrices();
    await noteWaiting(world.as('billing'), OCTOBER, { account: 'acc-home-3', usagePoint: 'home-3' }, true);
    expect(await dueRuns(world.as('billing'))).toMatchObject({ failed: 1 });
    const told = await door.ask<HeldBills>('listHeldBills', { role: 'supervisor', as: 'sue' });
    expect([told.status, told.body.bills.length, told.body.more]).toEqual([200, 2, 0]);
    expect((await accesses()).at(-1)?.subjects).toEqual(['acc-home-1', 'acc-home-2']);
  });

  it('what could not be rated hides no bill that waits, however much there is of it, and nobody of it is opened', async () => {
    const september = { from: '2026-09-01', until: '2026-10-01' };
    for (let n = 0; n < 100; n++) await noteWaiting(world.as('billing'), september, { account: `acc-n${n}`, usagePoint: `n${n}` }, true);
    const { bills, more } = await list();
    expect([bills.map(({ bill }) => bill), more]).toEqual([[REVIEWED.bill, UNREAD.bill], 0]);
    expect((await accesses()).at(-1)?.subjects).toEqual(['acc-home-1', 'acc-home-2']);
  });

  it('C10.1-1: a bill that came to something else since it was seen is not let go, and is listed as what it comes to', async () => {
    const [before] = (await list()).bills;
    const word = { heldAt: before!.heldAt, reason: 'multiplier seen on site' };
    await restate('2026-10-21', 900);
    const [now] = (await list()).bills;
    expect(now).toMatchObject({ reasons: before!.reasons, currency: 'GBP' });
    expect(Number(now!.totalMicro)).toBeGreaterThan(2 * Number(before!.totalMicro));
    expect(Number(now!.importWh)).toBeGreaterThan(2 * Number(before!.importWh));
    expect(await approve(REVIEWED, word)).toMatchObject({ status: 412 });
    expect(await approve(REVIEWED, { ...word, heldAt: now!.heldAt })).toMatchObject({ status: 200, body: { result: 'went-out' } });
  });

  it('C10.1-1: nor one whose days have changed without its having been rated since', async () => {
    const word = { heldAt: await seen(REVIEWED), reason: 'multiplier seen on site' };
    await closeAgain('2026-10-21', 900);
    expect(await approve(REVIEWED, word)).toMatchObject({ status: 412 });
    // What it comes to now is there to be seen at once.
    const now = await seen(REVIEWED);
    expect(Date.parse(now)).toBeGreaterThan(Date.parse(word.heldAt));
    expect(await approve(REVIEWED, { ...word, heldAt: now })).toMatchObject({ status: 200, body: { result: 'went-out' } });
  });
});

async function closeAgain(day: string, perCount: number): Promise<void> {
  const again = { type: 'RestateDay', perCount: [{ channel: 0, perCount }], reason: 'multiplier', by: 'op-1', at: 3 } as const;
  await closeDay((principal) => world.as(principal), 'home-1', day, 100, again);
}

async function restate(day: string, perCount: number): Promise<void> {
  await closeAgain(day, perCount);
  const sources = await openBilling(world.as('billing'), [U1.account], OCTOBER);
  await rerateForRestatement(sources, { ...U1, day, reason: 'restated' });
}

async function openHomeWithoutPrices(): Promise<void> {
  const from = Date.parse('2026-09-30T23:00:00Z');
  await openPoints(world.as('enrol'), [
    {
      ...{ usagePoint: 'home-3', premises: 'p-3', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential' },
      meter: { meterId: '00124b0000000003', from, asset: ASSET },
      tenant: { accountId: 'acc-home-3', from },
      tariff: { tariff: 'never-published', from: '2026-01-01' },
    },
  ]);
}
