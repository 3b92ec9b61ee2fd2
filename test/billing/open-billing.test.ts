import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import type { DayFrame } from '../../events/index.ts';
import { billPeriod, rerateForRestatement } from '../../lambdas/billing/bill-period.ts';
import { billStreams, openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { runBills } from '../../lambdas/billing/run-bills.ts';
import { targetsOf } from '../../lambdas/billing/targets.ts';
import { openPoints, type PointEntry } from '../../lambdas/register/open-points.ts';
import { localDay, meterDayStream } from '../../lambdas/shared/local-days.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { openSubjectData } from '../../lambdas/shared/subject-data.ts';
import { all } from '../contract/support/events.ts';
import { ASSET } from '../subjects/given.ts';
import { type SealedWorld, sealedWorld } from '../subjects/sealed-days.ts';

const ZONE = 'Europe/London';
/** The clock of the state stands at 1 November 2026. */
const PERIOD = { from: '2026-10-24', until: '2026-10-27' };
const DATES = ['2026-10-24', '2026-10-25', '2026-10-26'];
const TARIFF = {
  id: 'flat',
  name: 'Flat',
  currency: 'GBP',
  from: '2026-01-01',
  charges: [{ kind: 'energy', code: 'flat', pricing: { kind: 'flat', perKWh: '0.25' } }],
};
const HOMES = ['home-1', 'home-2'];

let world: SealedWorld;

beforeEach(async () => {
  world = await sealedWorld();
  const since = localDay('2026-10-01', ZONE).start * 1000;
  const entries = HOMES.map((usagePoint): PointEntry => {
    const point = { usagePoint, premises: `p-${usagePoint}`, zone: ZONE, areaLeaf: 'north-1', meterClass: 'residential' as const };
    const meter = { meterId: meterOf(usagePoint), from: since, asset: ASSET };
    return { ...point, meter, tenant: { accountId: `acc-${usagePoint}`, from: since }, tariff: { tariff: 'flat', from: '2026-01-01' } };
  });
  expect(await openPoints(world.as('enrol'), entries)).toMatchObject({ opened: 2 });
  await publishTariff(world.as('billing'), { file: 'flat.json', text: JSON.stringify(TARIFF) }, new Map());
});

afterEach(() => world.state.close());

function meterOf(usagePoint: string): string {
  return `00124b000000000${usagePoint.at(-1)}`;
}

function frameOf(usagePoint: string, day: string): DayFrame {
  const { start, end } = localDay(day, ZONE);
  return { usagePoint, meterId: meterOf(usagePoint), day, part: 1, subject: `acc-${usagePoint}`, start, end, minutes: 15, zone: ZONE };
}

/** Closes a day in which every slot had so many Wh, as close-day does. */
async function closeDay(frame: DayFrame, wh: number, ...more: MeterDayCommand[]): Promise<void> {
  const platform = world.as('close-day');
  const slots = (frame.end - frame.start) / 900;
  const records = new Uint8Array(slots * RECORD_SIZE);
  for (let i = 0; i < slots; i++) writeRecord(records, i, frame.start + (i + 1) * 900, (i + 1) * wh, wh, 0);
  const columns = { records, annotations: new Uint8Array(slots * 4), heads: new Uint8Array(0) };
  const channel = { channel: 0, asset: ASSET.channels[0]!, capacity: 6_000, ...columns, registerBefore: 0 };
  const readings = { frame, through: { segment: '00000', version: 1 }, channels: [channel], seals: [], outages: [], at: 1 };
  const commands: MeterDayCommand[] = [
    { type: 'CollectReadings', readings },
    { type: 'CloseDay', policy: VEE_POLICIES.residential, due: true, hold: true, seal: true, at: 1 },
    ...more,
  ];
  const window = { from: frame.start * 1000, until: frame.end * 1000 };
  const access = await openSubjectData(platform, { purpose: 'close-day', ...window, subjects: [frame.subject] });
  const subject = { of: 'usage', subject: frame.subject, month: frame.day.slice(0, 7) } as const;
  await runDecider(platform.events, meterDayStream(frame.meterId, frame.day, 1), meterDay, commands, undefined, { subject, access });
}

/** 24, 25 and 26 October: 96, 100 and 96 slots. */
async function closeAll(usagePoint: string, wh: number): Promise<void> {
  for (const day of DATES) await closeDay(frameOf(usagePoint, day), wh);
}

describe('billing on the platform', () => {
  it('bills everybody who has a tenancy, from days under their keys, into streams under their billing keys', async () => {
    for (const home of HOMES) await closeAll(home, 10);
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

    const [commit] = await all(billing.events.read('bill/acc-home-1/home-1.2026-10-24', 0, await accessOf('acc-home-1')));
    expect(commit?.sealedBy).toMatch(/^billing\/acc-home-1\//);
    const accesses = await all(billing.events.read('access/2026-11-01.billing'));
    expect(accesses.flatMap(({ events }) => events)[0]).toMatchObject({
      type: 'DataAccessed',
      data: { principal: 'billing', purpose: 'billing', subjects: accounts },
    });
  });

  it('opens nobody who is not named', async () => {
    await closeAll('home-1', 10);
    const sources = await openBilling(world.as('billing'), ['acc-home-2'], PERIOD);
    const request = { account: 'acc-home-1', usagePoint: 'home-1', ...PERIOD };
    await expect(billPeriod(sources, request)).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
  });

  it('holds the bill while a day is open, and rates again when one is restated', async () => {
    for (const day of DATES.slice(0, 2)) await closeDay(frameOf('home-1', day), 10);
    const request = { account: 'acc-home-1', usagePoint: 'home-1', ...PERIOD };
    const open = () => openBilling(world.as('billing'), [request.account], PERIOD);
    expect((await billPeriod(await open(), request)).state.held).toMatchObject({ reasons: ['missing', 'not-final'], missing: 96 });
    const restate: MeterDayCommand = {
      type: 'RestateDay',
      perCount: [{ channel: 0, perCount: 2 }],
      reason: 'multiplier',
      by: 'op-1',
      at: 2,
    };
    await closeDay(frameOf('home-1', '2026-10-26'), 10);
    expect((await billPeriod(await open(), request)).state.billed?.statement.totalMicro).toBe('730000');
    await closeDay(frameOf('home-1', '2026-10-26'), 10, restate);
    const [again] = await rerateForRestatement(await open(), { ...request, day: '2026-10-26', reason: 'multiplier', approvedBy: 'op-1' });
    expect(again?.events).toMatchObject([{ type: 'BillRerated', data: { beforeMicro: '730000', differenceMicro: '240000' } }]);
  });
});

async function accessOf(account: string) {
  const window = { from: Date.UTC(2026, 9, 1), until: Date.UTC(2026, 11, 1) };
  return openSubjectData(world.as('billing'), { purpose: 'billing', ...window, subjects: [account] });
}
