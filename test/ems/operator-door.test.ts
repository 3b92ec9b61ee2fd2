import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AreaList, AreaTrend, FeedKeys, FeedStatus, ItemPage, LogCheckpoint } from '../../api/operator.ts';
import { LOG_ORIGIN } from '../../lambdas/log/places.ts';
import { Sequencer } from '../../lambdas/log/sequencer.ts';
import { makeOperatorApi } from '../../lambdas/operator-api/handler.ts';
import { verifyChain } from '../../protocol/feed.ts';
import { openCheckpoint } from '../../protocol/log/checkpoint.ts';
import { API_ROLES } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';
import { ApiGateway, shapeOf } from '../platform/https-fixture.ts';
import { MIDNIGHT } from '../project/segment-street.ts';
import { QUARTER_MS } from '../support/sealed-town.ts';
import { OperatorTown, range } from './operator-world.ts';

const NORTH = range(1, 110);
const ROUTES_OF_DOOR = ROUTES.filter(({ door }) => door === 'operator');
let town: OperatorTown;
let door: ApiGateway;

beforeAll(async () => {
  town = await OperatorTown.of({ north: NORTH });
  for (let slot = 1; slot <= 6; slot++) await town.send(NORTH, slot, slot);
  await town.tell(6);
  door = await ApiGateway.open({ door: 'operator', handlers: { 'operator-api': makeOperatorApi(town.street.world.as('operator-api')) } });
});
afterAll(() => door.close());

async function get(path: string): Promise<{ readonly status: number; readonly etag: unknown; readonly body: unknown }> {
  const { status, headers, text } = await door.send(path, await door.person('ems-north', 'grid-operator'));
  return { status, etag: headers['etag'], body: JSON.parse(text) };
}

describe("the operator's door", () => {
  it('hands out a feed page by page, by sequence, without a gap', async () => {
    const items: string[] = [];
    let since = 0;
    for (let page = 0; page < 3; page++) {
      const { status, etag, body } = await get(`/v1/areas/north/feed?since=${since}&limit=4`);
      expect(status).toBe(200);
      const { items: some, next, more } = ItemPage.parse(body);
      expect(more).toBe(page === 0);
      expect(etag).toBe(`"operator/area/north-${next}"`);
      items.push(...some);
      since = next;
    }
    expect(since).toBe(6);
    expect(verifyChain(items, await town.receiver('north'))).toMatchObject({ faults: [], head: { seq: 6 } });
    expect(items).toEqual(town.feed('north'));
  });

  it('says which areas there are and how late their feeds are, and what signs them', async () => {
    const told = MIDNIGHT + 6 * QUARTER_MS;
    const of = { area: 'north', feed: 'operator/area/north', seq: 6, intervalMinutes: 15, latencySeconds: 4_500 };
    const { body } = await get('/v1/areas');
    expect(AreaList.parse(body)).toEqual({ quarter: '2026-Q1', areas: [{ ...of, toldUntil: told, behindSeconds: 0 }] });
    town.street.world.clock.advance(3 * QUARTER_MS);
    expect(FeedStatus.parse((await get('/v1/areas/north/status')).body)).toMatchObject({ behindSeconds: 2_700 });
    town.street.world.clock.advance(-3 * QUARTER_MS);
    const { keys } = FeedKeys.parse((await get('/v1/feed-keys')).body);
    expect(keys.map(({ kid }) => kid)).toEqual([...(await town.receiver('north')).keys.keys()]);
    const partition = ItemPage.parse((await get('/v1/partition/items')).body);
    expect(partition.items).toEqual(town.feed('partition'));
  });

  it('C10.1-7: hands out the newest checkpoint of the log over all commits, as its key signed it', async () => {
    const { world } = town.street;
    const before = LogCheckpoint.parse((await get('/v1/log/checkpoint')).body);
    expect(before.checkpoint).toBeUndefined();
    await new Sequencer(world.as('log')).run();
    const { checkpoint, publicKeys } = LogCheckpoint.parse((await get('/v1/log/checkpoint')).body);
    const keys = publicKeys.map((key) => Buffer.from(key, 'base64'));
    expect(openCheckpoint(checkpoint!, LOG_ORIGIN, keys)).toMatchObject({ size: 0, at: world.clock.now() });
  });

  it.each(['/v1/areas/nowhere/feed', '/v1/areas/nowhere/status', '/v1/areas/north/forecast', '/v1/areas/nowhere/trend'])(
    '%s is not there',
    async (path) => {
      expect(await get(path)).toMatchObject({ status: 404, body: { type: 'urn:joulekeep:problem:not-found' } });
    },
  );

  it('analyses what was told: peaks, ramps, load', async () => {
    const { status, body } = await get('/v1/areas/north/trend');
    expect(status).toBe(200);
    const [day] = AreaTrend.parse(body).days;
    expect(day).toMatchObject({
      from: '2026-01-15',
      knownSlots: 6,
      energyWh: 2_310,
      peak: { day: '2026-01-15', minute: 75, energyWh: 660 },
    });
    expect(day?.rise).toMatchObject({ changeWh: 110 });
  });

  it.each(['since=-1', 'since=x', 'limit=0', 'since=1&since=2', 'until=3'])('%s is refused', async (query) => {
    expect((await get(`/v1/areas/north/feed?${query}`)).status).toBe(400);
  });

  it("R9.4-3, C10.4-2: certificates of every other door and of people are refused on every route, and so is nobody's", async () => {
    expect(ROUTES_OF_DOOR.length).toBeGreaterThan(4);
    for (const role of API_ROLES.filter((other) => other !== 'grid-operator')) {
      const other = await door.person(`${role}-x`, role);
      for (const route of ROUTES_OF_DOOR) {
        const path = route.path.replace('{area}', 'north');
        expect((await door.send(path, other)).status, `${role} ${path}`).toBe(403);
      }
    }
    for (const route of ROUTES_OF_DOOR) {
      const path = route.path.replace('{area}', 'north');
      await expect(door.send(path, undefined).then(({ status }) => status)).resolves.toBe(401);
    }
  });

  it("R9.4-1: what is not the operator's is not there: no days, no exceptions, no readings", async () => {
    const who = await door.person('ems-south', 'grid-operator');
    const never = shapeOf(await door.send('/v1/never', who));
    for (const path of ['/v1/exceptions', '/v1/days/02a1b2c3d4e5f607/2026-01-15', '/v1/areas/north/readings'])
      expect(shapeOf(await door.send(path, who))).toEqual(never);
  });
});
