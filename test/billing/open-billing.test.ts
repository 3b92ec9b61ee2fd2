import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { UTILITY } from '../../events/index.ts';
import { billPeriod, rerateForRestatement } from '../../lambdas/billing/bill-period.ts';
import { billStreams, lastBilledAt, openBilling } from '../../lambdas/billing/open-billing.ts';
import { runBills } from '../../lambdas/billing/run-bills.ts';
import { targetsOf } from '../../lambdas/billing/targets.ts';
import { correctTenancy } from '../../lambdas/register/tenancy.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { all, idOf } from '../contract/support/events.ts';
import { discard } from '../contract/support/state.ts';
import { type SealedWorld, sealedWorld } from '../subjects/sealed-days.ts';
import { closeAll, closeDay, DATES, HOMES, openHomes, PERIOD } from './closed-homes.ts';

const RESTATE: MeterDayCommand = { type: 'RestateDay', perCount: [{ channel: 0, perCount: 2 }], reason: 'multiplier', by: 'op-1', at: 2 };

/** Its clock stands at 1 November 2026. */
let world: SealedWorld;

beforeEach(async () => {
  world = await sealedWorld();
  await openHomes(world.as);
});

afterEach(() => {
  world.state.close();
  discard(world.state.directory);
});

describe('billing on the platform', () => {
  it('bills everybody who has a tenancy, from days under their keys, into streams under their billing keys', async () => {
    for (const home of HOMES) await closeAll(world.as, home, 10);
    const billing = world.as('billing');
    const targets = await targetsOf(billing, PERIOD);
    expect(targets).toEqual(HOMES.map((usagePoint) => ({ account: `acc-${usagePoint}`, usagePoint })));
    const accounts = targets.map(({ account }) => account);
    const run = await runBills(await openBilling(billing, accounts, PERIOD), targets, PERIOD);
    // 292 slots of 10 Wh at 0.25: 730 000 micro-GBP each.
    expect(run).toMatchObject({ issued: 2, held: [], failed: [], totals: { bills: 2, importWh: '5840', totalMicro: { GBP: '1460000' } } });
    const again = await runBills(await openBilling(world.as('billing'), accounts, PERIOD), targets, PERIOD);
    expect(again).toMatchObject({ issued: 0, unchanged: 2, totals: run.totals });
    expect(await billStreams(billing, 'acc-home-1')).toEqual(['bill/acc-home-1/home-1.2026-10-24']);
    expect(await lastBilledAt(billing, 'acc-home-1')).toBe(world.state.clock.now());
    expect(await lastBilledAt(billing, 'acc-home-9')).toBeUndefined();

    const [commit] = await all(billing.events.read('bill/acc-home-1/home-1.2026-10-24', 0, await accessOf('acc-home-1')));
    expect(commit?.sealedBy).toMatch(/^billing\/acc-home-1\//);
    const accesses = await all(billing.events.read('access/2026-11-01.billing'));
    expect(accesses.flatMap(({ events }) => events)[0]).toMatchObject({
      type: 'DataAccessed',
      data: { principal: 'billing', purpose: 'billing', subjects: accounts },
    });
  });

  it('opens nobody who is not named', async () => {
    await closeAll(world.as, 'home-1', 10);
    const sources = await openBilling(world.as('billing'), ['acc-home-2'], PERIOD);
    const request = { account: 'acc-home-1', usagePoint: 'home-1', ...PERIOD };
    await expect(billPeriod(sources, request)).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
  });

  it('holds the bill while a day is open, and rates again when one is restated', async () => {
    for (const day of DATES.slice(0, 2)) await closeDay(world.as, 'home-1', day, 10);
    const request = { account: 'acc-home-1', usagePoint: 'home-1', ...PERIOD };
    const open = () => openBilling(world.as('billing'), [request.account], PERIOD);
    expect((await billPeriod(await open(), request)).state.held).toMatchObject({ reasons: ['missing', 'not-final'], missing: 96 });
    expect(await lastBilledAt(world.as('erasure'), request.account)).toBe(0);
    await closeDay(world.as, 'home-1', '2026-10-26', 10);
    expect((await billPeriod(await open(), request)).state.billed?.statement.totalMicro).toBe('730000');
    await closeDay(world.as, 'home-1', '2026-10-26', 10, RESTATE);
    const [again] = await rerateForRestatement(await open(), { ...request, day: '2026-10-26', reason: 'multiplier', approvedBy: 'op-1' });
    expect(again?.events).toMatchObject([{ type: 'BillRerated', data: { beforeMicro: '730000', differenceMicro: '240000' } }]);
    world.state.clock.advance(400 * 86_400_000);
    // Looked at again it does not go out again.
    expect((await billPeriod(await open(), request)).events).toEqual([]);
    expect(await lastBilledAt(world.as('erasure'), request.account)).toBe(world.state.clock.now() - 400 * 86_400_000);
  });

  it('rates again as on an earlier day, and the bills that follow with it', async () => {
    const first = { account: 'acc-home-1', usagePoint: 'home-1', from: '2026-10-24', until: '2026-10-25' };
    const next = { ...first, from: '2026-10-29', until: '2026-11-01' };
    for (const day of [first.from, ...daysOf(next)]) await closeDay(world.as, 'home-1', day, 10);
    const past = { now: () => localDay('2026-10-25', 'Europe/London').start * 1000 };
    for (const [request, clock] of [
      [first, past],
      [next, world.state.clock],
    ] as const)
      await billPeriod(await openBilling({ ...world.as('billing'), clock }, [request.account], request), request);
    await closeDay(world.as, 'home-1', first.from, 10, RESTATE);
    const { events, state } = await billPeriod(await openBilling({ ...world.as('billing'), clock: past }, [first.account], first), first, {
      approvedBy: 'op-1',
    });
    expect(events).toMatchObject([{ type: 'BillRerated' }]);
    expect(state.billed?.at).toBe(past.now());
  });

  it('looks at no bill that began too long ago to hold a restated day', async () => {
    const request = { account: 'acc-home-1', usagePoint: 'home-1', ...PERIOD };
    const open = () => openBilling(world.as('billing'), [request.account], PERIOD);
    await closeAll(world.as, 'home-1', 10);
    await billPeriod(await open(), request);
    await recordOldBill(request.account);
    await closeDay(world.as, 'home-1', '2026-10-26', 10, RESTATE);
    const restated = { ...request, day: '2026-10-26', reason: 'multiplier', approvedBy: 'op-1' };
    expect(await rerateForRestatement(await open(), restated)).toMatchObject([{ events: [{ type: 'BillRerated' }] }]);
  });

  it('does not bill a day that a corrected tenancy divides, before it is sealed again', async () => {
    await closeAll(world.as, 'home-1', 10);
    const noon = localDay('2026-10-26', 'Europe/London').start * 1000 + 12 * 3_600_000;
    const cuts = [{ subject: UTILITY, from: noon }];
    await correctTenancy(world.as('enrol'), 'home-1', { since: noon, cuts, reason: 'moved out earlier', by: 'clerk' });
    const request = { account: 'acc-home-1', usagePoint: 'home-1', ...PERIOD };
    const { state } = await billPeriod(await openBilling(world.as('billing'), [request.account], PERIOD), request);
    expect(state.held).toMatchObject({ reasons: ['missing', 'not-final'], missing: 48 });
  });
});

/** A bill of years ago, as it lies in its stream and in the directory. */
async function recordOldBill(account: string): Promise<void> {
  const { events, directory } = world.as('billing');
  const period = { accountId: account, usagePoint: 'home-1', from: '2023-05-01', until: '2023-06-01' };
  const held = { period, reasons: ['missing'], missing: 1, estimatedShare: 0, failed: 0, until: 1, at: 0 } as const;
  const stream = `bill/${account}/home-1.${period.from}`;
  const subject = { of: 'billing', subject: account } as const;
  await events.append(await events.head(stream, subject), {
    commitId: idOf(stream),
    events: [{ type: 'BillHeld', data: held }],
    subject,
  }).durable;
  await directory.put([{ key: stream.replace(/^bill/, 'bills'), value: Buffer.alloc(0) }]);
}

async function accessOf(account: string) {
  const window = { from: Date.UTC(2026, 9, 1), until: Date.UTC(2026, 11, 1) };
  return openSubjectData(world.as('billing'), { purpose: 'billing', ...window, subjects: [account] });
}
