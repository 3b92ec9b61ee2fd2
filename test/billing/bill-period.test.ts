import { beforeEach, describe, expect, it } from 'vitest';
import type { BillStatement } from '../../events/index.ts';
import { billPeriod, rerateForRestatement } from '../../lambdas/billing/bill-period.ts';
import { placesOf } from '../../lambdas/billing/places.ts';
import { runBills } from '../../lambdas/billing/run-bills.ts';
import { ASSET, BillingWorld, london, SOLAR } from './billing-world.ts';
import { amounts } from './given-period.ts';

const MAY = { from: '2013-05-01', until: '2013-06-01' };
const JUNE = { from: '2013-06-01', until: '2013-07-01' };
const U1 = { account: 'a-u1', usagePoint: 'u1' };
/** 30 days of 4.8 kWh at 0.1. */
const JUNE_MICRO = 14_400_000;

let world: BillingWorld;

beforeEach(async () => {
  world = new BillingWorld();
  world.home('u1');
  await world.publish('flat', '2013-01-01', '0.1');
});

async function statementOf(request: { account: string; usagePoint: string; from: string; until: string }): Promise<BillStatement> {
  const { state } = await billPeriod(world, request);
  if (state.billed === undefined) throw new Error(`held: ${state.held?.reasons}`);
  return state.billed.statement;
}

describe('billing a period', () => {
  it('computes it once, from final days, at published prices', async () => {
    const { events, state } = await billPeriod(world, { ...U1, ...JUNE });
    expect(events.map(({ type }) => type)).toEqual(['BillComputed']);
    expect(state.billed?.statement.totalMicro).toBe(String(JUNE_MICRO));
    expect(state.billed?.statement.inputs).toHaveLength(30);
    expect((await billPeriod(world, { ...U1, ...JUNE })).events).toEqual([]);
  });

  it('holds it while a day is not final, and ends the hold after 30 days', async () => {
    await billPeriod(world, { ...U1, ...MAY });
    world.recorded.set('meterday/m-u1/2013-06-12', { final: false, held: false, revision: 1, channels: [] });
    const { state } = await billPeriod(world, { ...U1, ...JUNE });
    expect(state.held).toMatchObject({ reasons: ['missing', 'not-final'], missing: 48 });
    world.clock.advance(30 * 86_400_000);
    const late = await statementOf({ ...U1, ...JUNE });
    expect(late).toMatchObject({ onEstimates: true, totalMicro: String(JUNE_MICRO) });
    expect(late.inputs).toHaveLength(29);
  });

  it('rates the whole period again when a day was restated, and the next bill settles the difference once', async () => {
    await billPeriod(world, { ...U1, ...MAY });
    world.restate('meterday/m-u1/2013-05-10', [200]);
    const restated = { ...U1, day: '2013-05-10', reason: 'multiplier corrected', approvedBy: 'op-1' };
    const [again] = await rerateForRestatement(world, restated);
    expect(again?.events[0]).toMatchObject({
      type: 'BillRerated',
      data: { revision: 2, beforeMicro: '14880000', differenceMicro: '480000', totalMicro: '15360000', reason: 'multiplier corrected' },
    });
    expect((await rerateForRestatement(world, restated)).flatMap(({ events }) => events)).toEqual([]);
    expect(await rerateForRestatement(world, { ...restated, day: '2013-06-01' })).toEqual([]);

    const june = await statementOf({ ...U1, ...JUNE });
    expect(june.lines.at(-1)).toMatchObject({ code: 'true-up', amountMicro: '480000', corrects: 'bill/a-u1/u1.2013-05-01#2' });
    expect((await billPeriod(world, { ...U1, ...JUNE })).events).toEqual([]);
    const july = await statementOf({ ...U1, from: '2013-07-01', until: '2013-08-01' });
    expect(amounts(july)).not.toHaveProperty('true-up');

    // Another change of May, after June went out, is July's successor's to settle; June keeps its own.
    world.restate('meterday/m-u1/2013-05-10', [50]);
    await rerateForRestatement(world, restated);
    expect((await billPeriod(world, { ...U1, ...JUNE })).events).toEqual([]);
    const august = await statementOf({ ...U1, from: '2013-08-01', until: '2013-09-01' });
    expect(august.lines.at(-1)).toMatchObject({ code: 'true-up', amountMicro: '-720000', corrects: 'bill/a-u1/u1.2013-05-01#3' });
  });

  it('rates again at the prices it was billed at, unless somebody wants those of today', async () => {
    await billPeriod(world, { ...U1, ...JUNE });
    await world.publish('flat', '2013-06-16', '0.2');
    expect((await billPeriod(world, { ...U1, ...JUNE })).events).toEqual([]);
    const repriced = await billPeriod(world, { ...U1, ...JUNE, repriced: true }, { reason: 'price published late' });
    expect(repriced.events[0]).toMatchObject({ type: 'BillRerated', data: { differenceMicro: String(JUNE_MICRO / 2) } });
  });

  it('takes each version from its date, and each tariff from its assignment', async () => {
    await world.publish('flat', '2013-06-11', '0.2');
    await world.publish('green', '2013-01-01', '0.3');
    world.home('u1', {
      tariffs: [
        { tariff: 'flat', from: '2013-01-01' },
        { tariff: 'green', from: '2013-06-21' },
      ],
    });
    const statement = await statementOf({ ...U1, ...JUNE });
    expect(amounts(statement)).toEqual({
      'energy/energy 2013-06-01': '4800000',
      'energy/energy 2013-06-11': '9600000',
      'energy/energy 2013-06-21': '14400000',
    });
    await expect(billPeriod(world, { ...U1, from: '2012-12-01', until: '2013-01-01' })).rejects.toMatchObject({
      code: 'ERR_TARIFF_MISSING',
    });
  });

  it('charges a tariff that is assigned again as one: its tiers do not begin again', async () => {
    const tariffs = ['2013-01-01', '2013-06-11'].map((from) => ({ tariff: 'flat', from }));
    world.home('u1', { tariffs });
    const { lines, tariffs: charged } = await statementOf({ ...U1, ...JUNE });
    expect(charged).toEqual([{ tariff: 'flat', version: 1, from: '2013-01-01' }]);
    expect(lines).toMatchObject([{ code: 'energy/energy', amountMicro: String(JUNE_MICRO) }]);
  });

  it("divides a day at a move: each account its slots, the day's standing charge to whom it began", async () => {
    const charges = [
      { kind: 'energy', code: 'energy', pricing: { kind: 'flat', perKWh: '0.1' } },
      { kind: 'standing', code: 'daily', perDay: '0.001' },
    ];
    await world.publish('flat', '2013-02-01', '0.1', { charges });
    world.home('u1', {
      tenancy: [
        { subject: 'old', from: 0 },
        { subject: 'new', from: london('2013-06-10', 12) },
      ],
    });
    const old = await statementOf({ ...JUNE, usagePoint: 'u1', account: 'old' });
    const fresh = await statementOf({ ...JUNE, usagePoint: 'u1', account: 'new' });
    expect(amounts(old)).toEqual({ 'energy/energy': '4560000', 'standing/daily': '10000' });
    expect(amounts(fresh)).toEqual({ 'energy/energy': '9840000', 'standing/daily': '20000' });
    expect(old.inputs.at(-1)?.stream).toBe('meterday/m-u1/2013-06-10');
    expect(fresh.inputs[0]?.stream).toBe('meterday/m-u1/2013-06-10.2');
    await expect(billPeriod(world, { ...JUNE, usagePoint: 'u1', account: 'stranger' })).rejects.toMatchObject({ code: 'ERR_NO_TENANCY' });
  });

  it('bills a vacant stretch to nobody', async () => {
    world.home('u1', {
      tenancy: [
        { subject: 'old', from: 0 },
        { subject: 'utility', from: london('2013-06-11') },
        { subject: 'new', from: london('2013-06-21') },
      ],
    });
    expect((await statementOf({ ...JUNE, usagePoint: 'u1', account: 'old' })).importWh).toBe('48000');
    expect((await statementOf({ ...JUNE, usagePoint: 'u1', account: 'new' })).importWh).toBe('48000');
  });

  it('follows the usage point over a meter exchange', async () => {
    const at = london('2013-06-10', 12);
    world.home('u1', {
      installations: [
        { meterId: 'm-old', from: 0, until: at, asset: ASSET },
        { meterId: 'm-new', from: at, asset: { ...ASSET, intervalMinutes: 15 } },
      ],
    });
    const statement = await statementOf({ ...U1, ...JUNE });
    // The new meter has twice as many slots of 100 Wh.
    expect(statement.importWh).toBe(String(100 * (9 * 48 + 24 + 48 + 20 * 96)));
    expect(statement.inputs).toHaveLength(31);
  });

  it('carries credit from bill to bill, also when the bill it comes from changes', async () => {
    const terms = { export: { netting: 'per-period', surplus: 'carried' } };
    await world.publish('flat', '2013-02-01', '0.1', terms);
    world.home('u1', { installations: [{ meterId: 'm-u1', from: 0, asset: SOLAR }] });
    world.usual = [100, 40];
    await billPeriod(world, { ...U1, ...MAY });
    world.restate('meterday/m-u1/2013-05-10', [100, 4_040]);
    await rerateForRestatement(world, { ...U1, day: '2013-05-10', reason: 'late data' });
    // 31 * 60 * 48 = 89 280 Wh net, and 192 000 Wh more were sent: 102 720 Wh to the credit of June, which uses 86 400.
    expect((await world.bill('bill/a-u1/u1.2013-05-01')).billed?.statement.carriedWh).toEqual({ 'energy/energy': '102720' });
    const june = await statementOf({ ...U1, ...JUNE });
    expect(june.carriedWh).toEqual({ 'energy/energy': String(102_720 - 86_400) });
    world.restate('meterday/m-u1/2013-05-10', [100, 40]);
    await rerateForRestatement(world, { ...U1, day: '2013-05-10', reason: 'edit undone' });
    const { billed } = await world.bill('bill/a-u1/u1.2013-06-01');
    expect(billed).toMatchObject({
      revision: 2,
      statement: { lines: [{ code: 'energy/energy', amountMicro: '8640000' }, { code: 'netted/energy' }, { code: 'true-up' }] },
    });
    expect(billed?.statement.carriedWh).toBeUndefined();
  });

  it('does not charge what is beyond the back-billing limit', async () => {
    world.clock.set(london('2014-06-16', 9));
    expect(amounts(await statementOf({ ...U1, ...JUNE }))).toEqual({
      'energy/energy': String(JUNE_MICRO),
      'back-billing': String(-JUNE_MICRO / 2),
    });
    world.clock.set(london('2014-07-30', 9));
    expect((await billPeriod(world, { ...U1, ...JUNE })).events).toEqual([]);
  });

  it('keeps with it what validation finds on its totals: use and maximum against the bill before', async () => {
    await billPeriod(world, { ...U1, ...MAY });
    world.usual = [250];
    expect((await statementOf({ ...U1, ...JUNE })).findings).toEqual(['V17', 'V18']);
    world.usual = [240];
    expect((await statementOf({ ...U1, from: '2013-07-01', until: '2013-08-01' })).findings).toBeUndefined();
  });

  it('compares use with the same period last year, where there is one', async () => {
    world.usual = [250];
    await billPeriod(world, { ...U1, ...JUNE });
    world.usual = [100];
    await billPeriod(world, { ...U1, from: '2014-05-01', until: '2014-06-01' });
    world.usual = [99];
    world.clock.set(london('2014-07-06'));
    expect((await statementOf({ ...U1, from: '2014-06-01', until: '2014-07-01' })).findings).toEqual(['V17']);
  });

  it('waits for a person before a re-rating that changes more than 1 kWh or a tenth, unless it replaces estimates', async () => {
    await billPeriod(world, { ...U1, ...JUNE });
    world.restate('meterday/m-u1/2013-06-12', [121]);
    const restated = { ...U1, day: '2013-06-12', reason: 'late data' };
    const [held] = await rerateForRestatement(world, restated);
    expect(held?.state.held?.reasons).toEqual(['review']);
    const [approved] = await rerateForRestatement(world, { ...restated, approvedBy: 'op-1' });
    expect(approved?.events[0]).toMatchObject({ type: 'BillRerated', data: { findings: ['V27'], differenceMicro: '100800' } });
  });

  it('lets what was billed on estimates be rated again without a person, however far off they were', async () => {
    await world.days(placesOf(await world.point(U1.usagePoint), U1.account, JUNE));
    world.restate('meterday/m-u1/2013-06-12', [100], { final: false });
    await billPeriod(world, { ...U1, ...JUNE });
    world.clock.set(world.clock.now() + 31 * 86_400_000);
    const onEstimates = await billPeriod(world, { ...U1, ...JUNE });
    expect(onEstimates.events).toMatchObject([{ type: 'BillComputed', data: { onEstimates: true } }]);
    world.restate('meterday/m-u1/2013-06-12', [500]);
    const [measured] = await rerateForRestatement(world, { ...U1, day: '2013-06-12', reason: 'day 2013-06-12 final' });
    expect(measured?.events).toMatchObject([{ type: 'BillRerated', data: { onEstimates: false, revision: 2 } }]);
    world.restate('meterday/m-u1/2013-06-12', [100]);
    const [again] = await rerateForRestatement(world, { ...U1, day: '2013-06-12', reason: 'day 2013-06-12 restated' });
    expect(again?.state.held?.reasons).toEqual(['review']);
  });

  it('adds small steps up: ten times 960 Wh wait for a person once they are more than 1 kWh together', async () => {
    await billPeriod(world, { ...U1, ...JUNE });
    const steps = ['02', '03', '04', '05', '06', '07', '08', '09', '10', '11'].map((day) => `2013-06-${day}`);
    const revisions: number[] = [];
    for (const day of steps) {
      world.restate(`meterday/m-u1/${day}`, [120]);
      const [step] = await rerateForRestatement(world, { ...U1, day, reason: 'late data' });
      revisions.push(step?.state.billed?.revision ?? 0);
    }
    expect(revisions).toEqual(steps.map(() => 2));
    expect((await world.bill('bill/a-u1/u1.2013-06-01')).held?.reasons).toEqual(['review']);
    const approved = { ...U1, day: '2013-06-11', reason: 'seen', approvedBy: 'op-1' };
    const [released] = await rerateForRestatement(world, approved);
    expect(released?.events[0]).toMatchObject({ type: 'BillRerated', data: { approvedBy: 'op-1', revision: 3, importWh: '153600' } });
    // What a person let go is what the next step is compared with.
    world.restate('meterday/m-u1/2013-06-12', [120]);
    const [after] = await rerateForRestatement(world, { ...U1, day: '2013-06-12', reason: 'late data' });
    expect(after?.events[0]).toMatchObject({ type: 'BillRerated', data: { revision: 4 } });
  });
});

describe('a run over a period', () => {
  it('has exact totals and a hash per bill; who can not be billed stops nobody', async () => {
    world.home('u2');
    world.home('u3', { tariffs: [{ tariff: 'unknown', from: '2013-01-01' }] });
    world.home('u4');
    world.recorded.set('meterday/m-u4/2013-06-12', { final: false, held: false, revision: 1, channels: [] });
    const targets = ['u1', 'u2', 'u3', 'u4'].map((usagePoint) => ({ account: `a-${usagePoint}`, usagePoint }));
    const first = await runBills(world, targets, JUNE);
    expect(first).toMatchObject({ issued: 2, unchanged: 0, failed: [{ account: 'a-u3', code: 'ERR_TARIFF_UNKNOWN' }] });
    expect(first.held.map(({ period }) => period.accountId)).toEqual(['a-u4']);
    expect(first.totals).toMatchObject({
      bills: 2,
      importWh: '288000',
      exportWh: '0',
      totalMicro: { GBP: '28800000' },
      settlingMicro: { GBP: '0' },
    });
    expect(new Set(first.totals.hashes).size).toBe(2);
    const second = await runBills(world, targets, JUNE);
    expect(second).toMatchObject({ issued: 0, unchanged: 2 });
    expect(second.totals).toEqual(first.totals);

    world.restate('meterday/m-u1/2013-06-12', [101]);
    const third = await runBills(world, targets, JUNE);
    expect(third.issued).toBe(1);
    expect(third.totals.digest).not.toBe(first.totals.digest);
    expect(third.totals.hashes.filter((hash) => first.totals.hashes.includes(hash))).toHaveLength(1);
  });
});
