import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CustomerPoints, DemandPeaks, Usage } from '../../api/customer-usage.ts';
import { Problem } from '../../api/problems.ts';
import { changePoint } from '../../lambdas/register/change-point.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { CUSTOMER_USAGE_ROUTES } from '../../topology/doors/customer-usage.ts';
import { matchRoute } from '../../topology/routes.ts';
import { ANNA, BEN, POINT, type Told, UsageWorld, ZONE } from './usage-world.ts';

const DAYS = { from: '2026-11-01', until: '2026-11-20' };
/** Routes about a usage point, each with a query that it takes. */
const ROUTES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['today', {}],
  ['usage', { resolution: 'day', ...DAYS }],
  ['demand', {}],
  ['similar', { month: '2026-11' }],
  ['download', { form: 'csv', ...DAYS }],
];
/** Ben moved in at ten in the morning. */
const MOVED = localDay('2026-11-10', ZONE).start + 10 * 3_600;

let world: UsageWorld;

beforeEach(async () => {
  world = new UsageWorld();
  await world.tariff();
  await world.home();
  await world.home('home-2', BEN);
  for (const [usagePoint, subject, wh] of [
    [POINT, ANNA, 100],
    ['home-2', BEN, 999],
  ] as const)
    await world.close('2026-11-05', () => wh, { usagePoint, subject });
  await world.project();
});

/** All that a caller can tell one refusal from another by. */
function shapeOf({ status, headers, text }: Told<unknown>) {
  const { requestId, ...told } = Problem.parse(JSON.parse(text));
  return { status, headers, told, named: requestId.length };
}

/** Anna's home is Ben's from then on; the day was closed in two parts. */
async function moveOut(): Promise<void> {
  await world.move(POINT, BEN, MOVED * 1000);
  await world.close('2026-11-10', () => 100, { end: MOVED });
  await world.close('2026-11-10', () => 777, { subject: BEN, part: 2, start: MOVED });
  await world.close('2026-11-11', () => 777, { subject: BEN });
  await world.project();
}

describe('own looks', () => {
  it.each(ROUTES)('at %s are on record as the customer’s own, on whose behalf they are', async (route, query) => {
    await world.of(route, { query });
    const looks = await world.looks();
    expect(looks.map(({ purpose, person, subjects }) => ({ purpose, person, subjects }))).toEqual([
      { purpose: 'customer-view', person: ANNA, subjects: [ANNA] },
    ]);
  });
});

describe('premises', () => {
  it('every route about a usage point is tried here', () => {
    const about = CUSTOMER_USAGE_ROUTES.filter(({ path }) => path.includes('{usagePoint}')).map(({ path }) => path.split('/').at(-1));
    expect(about.sort()).toEqual(ROUTES.map(([route]) => route).sort());
  });

  it.each(ROUTES)(
    "R9.2-4, C10.2-2: at %s another's, former and unknown premises are refused alike, and opened by nobody",
    async (route, query) => {
      await moveOut();
      const before = (await world.looks()).length;
      const refused = await Promise.all([
        world.of(route, { query, as: ANNA }, 'home-2'),
        world.of(route, { query, as: ANNA }, POINT),
        world.of(route, { query, as: ANNA }, 'home-none'),
        world.of(route, { query, as: 'acc-nobody' }, POINT),
        world.of(route, { query, as: ANNA }, 'home.1'),
      ]);
      const [shape, ...others] = refused.map(shapeOf);
      expect(shape).toMatchObject({ status: 404, told: { type: 'urn:joulekeep:problem:not-found' } });
      for (const other of others) expect(other).toEqual(shape);
      expect(await world.looks()).toHaveLength(before);
      expect((await world.of(route, { query, as: BEN }, POINT)).status).toBe(200);
    },
  );

  it('R9.2-4, C10.2-2: who moves in next month is let to the premises from then on, and whoever lives there until then', async () => {
    await world.move(POINT, BEN, world.world.clock.now() + 30 * 86_400_000);
    const list = (await world.ask<CustomerPoints>('/v1/me/points', { as: BEN })).body.points;
    expect(list.map(({ usagePoint }) => usagePoint)).toEqual(['home-2']);
    for (const [route, query] of ROUTES) {
      const statuses = [ANNA, BEN].map(async (as) => (await world.of(route, { query, as }, POINT)).status);
      expect(await Promise.all(statuses), route).toEqual([200, 404]);
    }
  });

  it('R9.2-4, C10.2-2: a sweep over every route and every pair of customers reads across nowhere', async () => {
    for (const [route, query] of ROUTES)
      for (const [as, other, value] of [
        [ANNA, 'home-2', '999'],
        [BEN, POINT, '100'],
      ] as const) {
        const { status, text } = await world.of(route, { query, as }, other);
        expect([status, text.includes(`,${value},`)], `${route} as ${as}`).toEqual([404, false]);
      }
  });

  it('C10.2-2: a list shows what is the own alone, and premises that were given up are off it', async () => {
    const pointsOf = async (as: string) =>
      (await world.ask<CustomerPoints>('/v1/me/points', { as })).body.points.map(({ usagePoint }) => usagePoint);
    expect([await pointsOf(ANNA), await pointsOf(BEN)]).toEqual([[POINT], ['home-2']]);
    await moveOut();
    expect([await pointsOf(ANNA), await pointsOf(BEN)]).toEqual([[], [POINT, 'home-2']]);
    await endTenancy(world.world.as('enrol'), 'home-2', world.world.clock.now() - 900_000 * 4);
    expect(await pointsOf(BEN)).toEqual([POINT]);
  });

  it('C10.2-2, R9.2-4: the usage point has the last word, where the account was not told yet', async () => {
    const cut = { type: 'CutTenancy', subject: BEN, from: MOVED * 1000, at: world.world.clock.now() } as const;
    await changePoint(world.world.as('enrol'), POINT, [cut]);
    for (const [route, query] of ROUTES) expect((await world.of(route, { query })).status, route).toBe(404);
    expect((await world.ask<CustomerPoints>('/v1/me/points')).body.points).toEqual([]);
  });

  it('C10.2-2: nothing but the path and the session says whose premises are meant', async () => {
    const query = { resolution: 'day', ...DAYS };
    const honest = await world.of('usage', { query });
    for (const extra of [{ usagePoint: 'home-2' }, { account: BEN }, { person: BEN }, { subject: BEN }])
      expect((await world.of('usage', { query: { ...query, ...extra } })).status).toBe(400);
    const headers = { 'x-account': BEN, 'x-amzn-oidc-identity': BEN, cookie: `account=${BEN}`, authorization: `DPoP ${BEN}` };
    expect((await world.of('usage', { query, headers })).text).toBe(honest.text);
  });
});

describe('the window of the tenancy', () => {
  it('C10.2-2: who moved in sees nothing from before, by any resolution, in any file', async () => {
    await moveOut();
    for (const resolution of ['interval', 'hour', 'day', 'month']) {
      const { body } = await world.of<Usage>('usage', { as: BEN, query: { resolution, ...DAYS } });
      expect(body.rows.length).toBeGreaterThan(0);
      for (const { start, importWh, quality } of body.rows) {
        expect(Date.parse(start)).toBeGreaterThanOrEqual(MOVED * 1000);
        if (importWh !== null) expect(importWh).toBe(777 * quality.measured);
      }
    }
    const csv = (await world.of<string>('download', { as: BEN, query: { form: 'csv', ...DAYS } })).text.trimEnd().split('\n');
    expect(csv[1]).toContain('2026-11-10T10:00:00Z');
    expect(csv.filter((line) => line.includes(',100,'))).toEqual([]);
    const { body: peaks } = await world.of<DemandPeaks>('demand', { as: BEN });
    expect(peaks.months).toMatchObject([{ month: '2026-11', peakW: 777 * 4 }]);
  });

  it('C10.2-2: of a time that was another’s there are no rows, and nobody is asked for access to it', async () => {
    await moveOut();
    const before = (await world.looks()).length;
    const { body } = await world.of<Usage>('usage', { as: BEN, query: { resolution: 'day', from: '2026-11-01', until: '2026-11-10' } });
    expect(body.rows).toEqual([]);
    expect(await world.looks()).toHaveLength(before);
    await world.of('usage', { as: BEN, query: { resolution: 'month', ...DAYS } });
    const [look] = (await world.looks()).slice(before);
    expect(look).toMatchObject({ subjects: [BEN], from: MOVED * 1000 });
  });

  it('who comes back sees both times, each by itself, also within one month', async () => {
    await moveOut();
    const again = localDay('2026-11-15', ZONE).start;
    await world.move(POINT, ANNA, again * 1000);
    await world.close('2026-11-16', () => 200);
    await world.project();
    const { body } = await world.of<Usage>('usage', { query: { resolution: 'month', ...DAYS } });
    expect(body.rows.map(({ start, end, importWh }) => [start, end, importWh])).toEqual([
      ['2026-11-01T00:00:00.000Z', new Date(MOVED * 1000).toISOString(), 96 * 100 + 40 * 100],
      [new Date(again * 1000).toISOString(), '2026-11-20T00:00:00.000Z', 96 * 200],
    ]);
  });

  it('R9.2-4: a day that was sealed again for another is gone from where it was', async () => {
    const items = () => world.world.models.dump('day-usage').map(({ key }) => key.split('\0'));
    expect(items()).toContainEqual([`${POINT}/${ANNA}`, '2026-11-05.1/00124b0000000001']);
    await world.reseal('2026-11-05', BEN);
    await world.project();
    expect(items()).not.toContainEqual([`${POINT}/${ANNA}`, '2026-11-05.1/00124b0000000001']);
    expect(items()).toContainEqual([`${POINT}/${BEN}`, '2026-11-05.1/00124b0000000001']);
    const rows = await world.of<Usage>('usage', { query: { resolution: 'day', from: '2026-11-05', until: '2026-11-06' } });
    expect(rows.body.rows).toMatchObject([{ importWh: null }]);
  });
});

describe('what is sent', () => {
  const hostile = [
    "' OR 1=1 --",
    '"><script>alert(1)</script>',
    '../home-2',
    '..%2fhome-2',
    'home-2\0',
    'home-2/',
    'home-2?x',
    '{"$ne":null}',
    '__proto__',
    'constructor',
    'toString',
    '=cmd|calc',
    '%00',
    '\r\nx-account: acc-ben',
    'acc-ben/2026',
    'ⓗome-2',
  ];

  it('H7: a path that holds anything but a name names nothing', async () => {
    for (const text of hostile) {
      const path = `/v1/me/points/${text}/usage`;
      if (matchRoute('customer', 'GET', path) === undefined) continue;
      const { status } = await world.ask(path, { query: { resolution: 'day', ...DAYS } });
      expect(status, text).toBe(404);
    }
  });

  it('H7: injection strings in every field of every query are refused, by name alone', async () => {
    for (const [route, query] of ROUTES)
      for (const field of Object.keys(query))
        for (const text of hostile) {
          const told = await world.of(route, { query: { ...query, [field]: text } });
          expect(told.status, `${route} ${field} ${text}`).toBe(400);
          expect(told.text).not.toContain(text);
        }
  });

  it('H7: an account that no customer can have is answered like one who has nothing', async () => {
    for (const as of hostile.filter((text) => !text.includes('\0'))) {
      const told = await world.of('usage', { as, query: { resolution: 'day', ...DAYS } });
      expect(told.status, as).toBe(404);
      expect((await world.ask('/v1/me/points', { as })).body).toEqual({ points: [] });
    }
  });
});

describe('sums', () => {
  it('of days are those of intervals and of the month, whatever came and whoever moved; no slot of another is among them', async () => {
    const slots = fc.array(fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined, freq: 6 }), { minLength: 96, maxLength: 96 });
    const cut = fc.integer({ min: 0, max: 95 });
    await fc.assert(
      fc.asyncProperty(slots, slots, cut, async (first, second, at) => {
        const own = new UsageWorld();
        await own.tariff();
        await own.home(POINT, ANNA);
        const moved = localDay('2026-11-10', ZONE).start + at * 900;
        await own.move(POINT, BEN, moved * 1000);
        const laneOf = (list: readonly (number | undefined)[]) => (slot: number) => list[slot];
        if (at > 0) await own.close('2026-11-10', () => 50_000, { end: moved, due: false });
        const part = at > 0 ? { part: 2, start: moved } : {};
        await own.close('2026-11-10', (slot) => laneOf(first)(slot + at), { subject: BEN, due: false, ...part });
        await own.close('2026-11-11', laneOf(second), { subject: BEN, due: false });
        await own.project();
        const window = { from: '2026-11-01', until: '2026-12-01' };
        const rowsBy = async (resolution: string, dates: object = window) =>
          (await own.of<Usage>('usage', { as: BEN, query: { resolution, ...dates } })).body.rows;
        const all = {
          interval: await rowsBy('interval'),
          hour: await rowsBy('hour'),
          day: await rowsBy('day'),
          month: await rowsBy('month'),
        };
        const total = (rows: Usage['rows']) => ({
          importWh: rows.reduce((sum, { importWh }) => sum + (importWh ?? 0), 0),
          micro: String(rows.reduce((sum, { costMicro }) => sum + BigInt(costMicro ?? 0), 0n)),
          slots: rows
            .map(({ quality }) => quality)
            .reduce((sum, { measured, estimated, missing }) => sum + measured + estimated + missing, 0),
        });
        const { importWh } = total(all.interval);
        expect(total(all.hour)).toEqual(total(all.interval));
        expect(total(all.day)).toEqual(total(all.interval));
        expect(total(all.month)).toEqual(total(all.interval));
        for (const row of all.interval) {
          expect(Date.parse(row.start)).toBeGreaterThanOrEqual(moved * 1000);
          expect(row.importWh ?? 0).toBeLessThan(50_000);
        }
        expect(importWh).toBe(Number(total(all.month).importWh));
      }),
      { numRuns: 15 },
    );
  });
});
