import { beforeEach, describe, expect, it } from 'vitest';
import type { BillApproved, HeldBills } from '../../api/held-bills.ts';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import type { DomainEvent } from '../../events/index.ts';
import { rerateForRestatement } from '../../lambdas/billing/bill-period.ts';
import { dueRuns } from '../../lambdas/billing/due-runs.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { closeDay, openHomes } from '../billing/closed-homes.ts';
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
});
