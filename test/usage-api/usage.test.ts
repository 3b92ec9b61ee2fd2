import { describe, expect, it } from 'vitest';
import type { CustomerPoints, DemandPeaks, Usage, UsageRow } from '../../api/customer-usage.ts';
import { exchangeMeter } from '../../lambdas/register/exchange-meter.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { makeUsageApi } from '../../lambdas/usage-api/handler.ts';
import { meterOf } from '../billing/closed-homes.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ANNA, BEN, HOME, POINT, SOLAR, UsageWorld, ZONE } from './usage-world.ts';

const DAY = '2026-11-10';
const every = (wh: number) => () => wh;

async function worldOf(more: Parameters<UsageWorld['home']>[2] = {}): Promise<UsageWorld> {
  const world = new UsageWorld();
  await world.home(POINT, ANNA, more);
  await world.tariff();
  return world;
}

function usage(world: UsageWorld, resolution: string, from: string, until: string) {
  return world.of<Usage>('usage', { query: { resolution, from, until } });
}

const sum = (rows: readonly UsageRow[], of: (row: UsageRow) => number) => rows.reduce((all, row) => all + of(row), 0);

describe('usage points', () => {
  it('are listed with tenancy, tariff and currency, and nothing of them is opened', async () => {
    const world = await worldOf();
    const { body } = await world.ask<CustomerPoints>('/v1/me/points');
    expect(body.points).toEqual([
      {
        ...{ usagePoint: POINT, zone: ZONE, currency: 'GBP', intervalMinutes: 15 },
        tenancies: [{ from: '2026-09-30T23:00:00.000Z', until: null }],
        tariff: { tariff: 'flat', name: 'Tariff flat' },
        priceZone: null,
      },
    ]);
    expect(await world.looks()).toEqual([]);
  });

  it('of nobody are none', async () => {
    const world = await worldOf();
    expect((await world.ask<CustomerPoints>('/v1/me/points', { as: 'acc-nobody' })).body).toEqual({ points: [] });
  });
});

describe('usage of closed days', () => {
  it('comes by interval, hour, day and month, with quality and what it cost', async () => {
    const world = await worldOf();
    await world.close(DAY, every(100));
    await world.project();
    const intervals = (await usage(world, 'interval', DAY, '2026-11-11')).body;
    expect(intervals.rows).toHaveLength(96);
    expect(intervals.rows[4]).toEqual({
      ...{ start: '2026-11-10T01:00:00.000Z', end: '2026-11-10T01:15:00.000Z', importWh: 100, exportWh: null, costMicro: '25000' },
      quality: { measured: 1, estimated: 0, edited: 0, missing: 0 },
    });
    const hours = (await usage(world, 'hour', DAY, '2026-11-11')).body.rows;
    expect(hours.map(({ importWh }) => importWh)).toEqual(Array(24).fill(400));
    const [day] = (await usage(world, 'day', DAY, '2026-11-11')).body.rows;
    expect(day).toMatchObject({ importWh: 9_600, costMicro: '2400000', quality: { measured: 96, missing: 0 } });
  });

  it('a day of 23 hours has 23, one of 25 has 25', async () => {
    const world = await worldOf();
    world.world.clock.set(Date.UTC(2027, 2, 30));
    for (const day of ['2026-10-25', '2027-03-28']) await world.close(day, every(100));
    await world.project();
    const hours = async (from: string, until: string) => (await usage(world, 'hour', from, until)).body.rows;
    const autumn = await hours('2026-10-25', '2026-10-26');
    expect([autumn.length, sum(autumn, ({ importWh }) => importWh!)]).toEqual([25, 10_000]);
    expect(autumn[24]!.end).toBe('2026-10-26T00:00:00.000Z');
    const spring = await hours('2027-03-28', '2027-03-29');
    expect([spring.length, sum(spring, ({ importWh }) => importWh!)]).toEqual([23, 9_200]);
    const [day] = (await usage(world, 'day', '2027-03-28', '2027-03-29')).body.rows;
    expect(day?.quality).toEqual({ measured: 92, estimated: 0, edited: 0, missing: 0 });
  });

  it('what is not there is missing, never zero; of what is still to come there is no row', async () => {
    const world = await worldOf();
    const [none] = (await usage(world, 'day', '2026-11-01', '2026-11-02')).body.rows;
    expect(none).toMatchObject({ importWh: null, costMicro: null, quality: { measured: 0, missing: 96 } });
    // It is noon on the 20th.
    const today = (await usage(world, 'interval', '2026-11-20', '2026-11-23')).body.rows;
    expect(today).toHaveLength(48);
    expect((await usage(world, 'day', '2026-11-21', '2026-11-23')).body.rows).toEqual([]);
  });

  it('an estimate is called one, in a day that is final and in one that is not yet', async () => {
    const world = await worldOf();
    const lane = (slot: number) => (slot >= 40 && slot < 44 ? undefined : 100);
    await world.close('2026-11-11', lane, { due: false });
    await world.close('2026-11-12', lane);
    await world.project();
    const rows = (await usage(world, 'day', '2026-11-11', '2026-11-13')).body.rows;
    const quality = { measured: 92, estimated: 4, edited: 0, missing: 0 };
    expect(rows.map((row) => row.quality)).toEqual([quality, quality]);
  });

  it('what is fed in comes beside it, and is paid for as the tariff says', async () => {
    const world = new UsageWorld();
    await world.home(POINT, ANNA, { asset: SOLAR });
    await world.tariff('flat', undefined, { export: { netting: 'buy-all-sell-all', pricing: { kind: 'flat', perKWh: '0.05' } } });
    await world.close(DAY, [every(100), every(40)], { asset: SOLAR });
    await world.project();
    const [day] = (await usage(world, 'day', DAY, '2026-11-11')).body.rows;
    expect(day).toMatchObject({ importWh: 9_600, exportWh: 3_840, costMicro: String(2_400_000 - 192_000) });
  });

  it('where export is set off within the interval only the rest costs', async () => {
    const world = new UsageWorld();
    await world.home(POINT, ANNA, { asset: SOLAR });
    await world.tariff('flat', undefined, { export: { netting: 'per-interval', pricing: { kind: 'flat', perKWh: '0.05' } } });
    await world.close(DAY, [every(100), (slot) => (slot === 0 ? 300 : 40)], { asset: SOLAR });
    await world.project();
    const rows = (await usage(world, 'interval', DAY, '2026-11-11')).body.rows;
    expect(rows.slice(0, 2).map(({ costMicro }) => costMicro)).toEqual(['-10000', '15000']);
  });

  it('taxes are in it, fixed charges are not; bands have their time', async () => {
    const world = await worldOf({ tariff: 'tou' });
    const bands = [
      { band: 'night', perKWh: '0.10' },
      { band: 'day', perKWh: '0.30' },
    ];
    const rules = [{ band: 'night', when: { from: '00:00', until: '06:00' } }, { band: 'day' }];
    await world.tariff('tou', { kind: 'time-of-use', bands, rules }, { taxes: [{ group: 'vat', code: 'vat', percent: '5' }] });
    await world.close(DAY, every(1_000));
    await world.project();
    const rows = (await usage(world, 'hour', DAY, '2026-11-11')).body.rows;
    expect([rows[5]!.costMicro, rows[6]!.costMicro]).toEqual(['420000', '1260000']);
  });

  it('tiers give an hour no cost of its own, and without a tariff there is none', async () => {
    const world = new UsageWorld();
    await world.home(POINT, ANNA, { tariff: 'tiers' });
    const tiers = [
      { band: 'low', upToKWh: '100', perKWh: '0.1' },
      { band: 'high', perKWh: '0.2' },
    ];
    await world.tariff('tiers', { kind: 'tiers', perDays: 30, tiers });
    await world.home('home-2', BEN, { tariff: null });
    for (const [usagePoint, subject] of [
      [POINT, ANNA],
      ['home-2', BEN],
    ] as const)
      await world.close(DAY, every(100), { usagePoint, subject });
    await world.project();
    const query = { resolution: 'day', from: DAY, until: '2026-11-11' };
    expect((await world.of<Usage>('usage', { query })).body.rows[0]).toMatchObject({ importWh: 9_600, costMicro: null });
    expect((await world.of<Usage>('usage', { query, as: BEN }, 'home-2')).body.rows[0]).toMatchObject({ importWh: 9_600, costMicro: null });
  });

  it('an exchanged meter is one home: nothing counts twice and nothing is lost', async () => {
    const world = await worldOf();
    const { start, end } = localDay(DAY, ZONE);
    const noon = start + 12 * 3_600;
    const next = '00124b0000000009';
    const reads = [{ channel: 0, counts: 4_800 }];
    await exchangeMeter(
      world.world.as('enrol'),
      POINT,
      { meterId: meterOf(POINT), until: noon * 1000, registers: reads },
      { meterId: next, asset: HOME, registers: [{ channel: 0, counts: 0 }] },
    );
    await world.close(DAY, every(100), { end: noon });
    await world.close(DAY, every(200), { meterId: next, start: noon, end });
    await world.project();
    const rows = (await usage(world, 'interval', DAY, '2026-11-11')).body.rows;
    expect(rows.map(({ importWh }) => importWh)).toEqual([...Array(48).fill(100), ...Array(48).fill(200)]);
    expect((await usage(world, 'day', DAY, '2026-11-11')).body.rows).toMatchObject([{ importWh: 14_400, quality: { missing: 0 } }]);
  });

  it.each([
    ['interval', '2026-10-01', '2026-11-02'],
    ['day', '2025-01-01', '2026-11-02'],
    ['month', '2020-01-01', '2026-11-02'],
    ['day', '2026-11-02', '2026-11-02'],
    ['day', '2026-11-03', '2026-11-02'],
  ])('%s from %s to %s is more, or less, than is told at once', async (resolution, from, until) => {
    const told = await usage(await worldOf(), resolution, from, until);
    expect(told.status).toBe(400);
  });
});

describe('demand', () => {
  it('is the highest interval of each month, and says when it was', async () => {
    const world = await worldOf();
    await world.close('2026-10-20', (slot) => (slot === 70 ? 900 : 100));
    await world.close('2026-11-03', (slot) => (slot === 10 ? 400 : 100));
    await world.close('2026-11-04', (slot) => (slot === 30 ? 700 : 100));
    await world.project();
    const { body } = await world.of<DemandPeaks>('demand');
    expect(body.months).toEqual([
      { month: '2026-10', peakW: 3_600, at: '2026-10-20T16:30:00.000Z', estimated: false },
      { month: '2026-11', peakW: 2_800, at: '2026-11-04T07:30:00.000Z', estimated: false },
    ]);
  });
});

describe('answers', () => {
  it('T8.3-3: are kept by nobody, and are not sent again to who has them', async () => {
    const world = await worldOf();
    const first = await usage(world, 'day', DAY, '2026-11-11');
    expect(first.headers['cache-control']).toBe('private, no-store');
    const headers = { 'if-none-match': first.headers['etag']! };
    const again = await world.of('usage', { query: { resolution: 'day', from: DAY, until: '2026-11-11' }, headers });
    expect([again.status, again.text]).toEqual([304, '']);
    await world.close(DAY, every(100));
    await world.project();
    expect((await world.of('usage', { query: { resolution: 'day', from: DAY, until: '2026-11-11' }, headers })).status).toBe(200);
  });

  it('leave one record each, of the customer alone', async () => {
    const world = await worldOf();
    for (let i = 0; i < 3; i++) await usage(world, 'day', DAY, '2026-11-11');
    await world.of('demand');
    const looks = await world.looks();
    expect(looks).toHaveLength(4);
    expect(looks[0]).toMatchObject({ principal: 'usage-api', purpose: 'customer-view', subjects: [ANNA] });
  });
});

describe('what usage is read from', () => {
  it('T8.3-2: what was made of the days: a flood of questions about a year asks for no stream of days or of telemetry', async () => {
    const world = await worldOf();
    await world.close(DAY, every(100));
    await world.project();
    const asked: string[] = [];
    const platform = world.world.as('usage-api');
    const events = new Proxy(platform.events, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          asked.push(String(given[0]));
          return Reflect.apply(value, target, given) as unknown;
        };
      },
    });
    Object.assign(world, { handler: makeUsageApi({ ...platform, events }, defencesUnderTest()) });
    for (let i = 0; i < 5; i++) {
      expect(sum((await usage(world, 'day', '2026-10-20', '2026-11-20')).body.rows, ({ importWh }) => importWh ?? 0)).toBe(9_600);
      await world.of('download', { query: { form: 'csv', from: '2026-10-20', until: '2026-11-20' } });
      await world.of('today');
    }
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((stream) => /^(?:meterday|segment|meter)\//.test(stream))).toEqual([]);
  });
});
