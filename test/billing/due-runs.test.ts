import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillState } from '../../domain/billing/bill.ts';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { BILLING_TYPE } from '../../events/catalogue/billing.ts';
import { type DueBills, dueRuns } from '../../lambdas/billing/due-runs.ts';
import { makeBillRuns } from '../../lambdas/billing/handler.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { takeDay } from '../../lambdas/billing/take-day.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { discard } from '../contract/support/state.ts';
import { ASSET } from '../subjects/given.ts';
import { type SealedWorld, sealedWorld } from '../subjects/sealed-days.ts';
import { lambdaContext } from '../support/sqs.ts';
import { closeDay, openHomes, TARIFF } from './closed-homes.ts';

const OCTOBER = { from: '2026-10-01', until: '2026-11-01' };
const RESTATED = '2026-10-20';
const NOTHING = { issued: 0, held: 0, failed: 0 };

/** Two homes; every October day of the first is final, none of the second. Its clock stands at 1 November 2026. */
let world: SealedWorld;

beforeEach(async () => {
  world = await sealedWorld();
  await openHomes(world.as);
  for (const day of daysOf(OCTOBER)) await closeDay(world.as, 'home-1', day, 100);
});

afterEach(() => {
  world.state.close();
  discard(world.state.directory);
});

function at(day: string): void {
  world.state.clock.advance(Date.parse(`${day}T12:00:00Z`) - world.state.clock.now());
}

function runOn(day: string): Promise<DueBills> {
  at(day);
  return dueRuns(world.as('billing'));
}

async function billOf(home: string): Promise<BillState> {
  const sources = await openBilling(world.as('billing'), [`acc-${home}`], OCTOBER);
  return sources.bill(`bill/acc-${home}/${home}.${OCTOBER.from}`);
}

/** What the relay tells once the day is worth twice as much: 9 600 Wh more. */
async function restate(): Promise<void> {
  const restated = { type: 'RestateDay', perCount: [{ channel: 0, perCount: 2 }], reason: 'multiplier', by: 'op-1', at: 2 } as const;
  await closeDay(world.as, 'home-1', RESTATED, 100, restated);
  const day = { usagePoint: 'home-1', account: 'acc-home-1', meterId: '00124b0000000001', day: RESTATED, part: 1 };
  const data = { ...day, revision: 2, held: false, stream: `meterday/00124b0000000001/${RESTATED}`, version: 3 };
  await takeDay(world.as('billing'), JSON.stringify({ type: BILLING_TYPE.restated, data }));
}

describe('the daily run', { timeout: 60_000 }, () => {
  it('bills nobody before the days of the period are final, everybody once they are, and nobody twice', async () => {
    expect(await runOn('2026-11-05')).toEqual(NOTHING);
    expect(await runOn('2026-11-06')).toEqual({ issued: 1, held: 1, failed: 0 });
    expect((await billOf('home-1')).billed?.statement).toMatchObject({ importWh: '298000', onEstimates: false });
    expect(await runOn('2026-11-07')).toEqual({ issued: 0, held: 1, failed: 0 });
  });

  it('tries a held bill again until it goes out on estimates after 30 days, marked', async () => {
    await runOn('2026-11-06');
    expect(await runOn('2026-12-05')).toEqual({ issued: 0, held: 1, failed: 0 });
    expect((await billOf('home-2')).billed).toBeUndefined();
    expect(await runOn('2026-12-06')).toMatchObject({ issued: expect.any(Number) });
    expect(await billOf('home-2')).toMatchObject({ billed: { revision: 1, statement: { onEstimates: true } } });
    expect((await billOf('home-2')).held).toBeUndefined();
  });

  it('tries a bill again that could not be rated', async () => {
    const since = Date.parse('2026-10-01T00:00:00Z');
    const meter = { meterId: '00124b0000000003', from: since, asset: ASSET };
    const point = { usagePoint: 'home-3', premises: 'p-3', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential' as const };
    const tenant = { accountId: 'acc-home-3', from: since };
    await openPoints(world.as('enrol'), [{ ...point, meter, tenant, tariff: { tariff: 'late', from: '2026-01-01' } }]);
    expect(await runOn('2026-11-06')).toEqual({ issued: 1, held: 1, failed: 1 });
    expect(await runOn('2026-11-07')).toEqual({ issued: 0, held: 1, failed: 1 });
    await publishTariff(world.as('billing'), { file: 'late.json', text: JSON.stringify({ ...TARIFF, id: 'late' }) }, new Map());
    expect(await runOn('2026-11-08')).toEqual({ issued: 0, held: 2, failed: 0 });
  });

  it('lets a re-rated bill that is held for review go after its hold, however old its period is', async () => {
    await runOn('2026-11-06');
    await runOn('2027-05-10');
    await restate();
    expect(await billOf('home-1')).toMatchObject({ billed: { revision: 1 }, held: { reasons: ['review'] } });
    expect((await runOn('2027-06-08')).held).toBeGreaterThan(0);
    expect((await billOf('home-1')).billed?.revision).toBe(1);
    await runOn('2027-06-09');
    const { billed, held } = await billOf('home-1');
    expect(held).toBeUndefined();
    expect(billed).toMatchObject({ revision: 2, statement: { importWh: '307600', findings: ['V27'] } });
  });
});

describe('a restated day', { timeout: 60_000 }, () => {
  it('holds the bill that stands on it for review, and the next run tries it again', async () => {
    await runOn('2026-11-06');
    await restate();
    expect((await billOf('home-1')).held).toMatchObject({ reasons: ['review'], until: Date.parse('2026-12-06T12:00:00Z') });
    // As the schedule calls it; what it did shows in the bills.
    at('2026-12-06');
    await makeBillRuns(world.as('billing'))({} as never, lambdaContext('bill-runs'));
    expect((await billOf('home-1')).billed).toMatchObject({ revision: 2, statement: { importWh: '307600' } });
  });
});
