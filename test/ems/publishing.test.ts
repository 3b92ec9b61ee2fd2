import { describe, expect, it } from 'vitest';
import { OPERATOR_ITEM } from '../../events/catalogue/operator-feed.ts';
import { Publisher } from '../../lambdas/ems/publish.ts';
import { MIDNIGHT } from '../project/segment-street.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { OperatorTown, ofKind, payloadsOf, range } from './operator-world.ts';

const NORTH = range(1, 120);
const SOUTH = range(201, 110);
const MILL = range(401, 20);

describe('what the operator is told of an area', () => {
  it('exact sums of every interval after its latency, in order and no sooner', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.send(NORTH, 1, (meter) => meter);
    await town.send(NORTH, 2, 10);
    await town.tell(2);
    const told = ofKind(await town.received('north'), 'demand');
    expect(told.map(({ seq, window, netWh, revision }) => ({ seq, window, netWh, revision }))).toEqual([
      { seq: 1, window: windowOf(1), netWh: 7_260, revision: 1 },
      { seq: 2, window: windowOf(2), netWh: 1_200, revision: 1 },
    ]);
    expect(told[0]).toMatchObject({ completeness: '>=99%', quality: { measured: '>=99%' }, held: '<=1', latencySeconds: 4_500 });
    await town.tell(2);
    expect(town.feed('north')).toHaveLength(2);
  });

  it('the partition of the quarter, where a leaf too small is told together with its neighbour, and never alone', async () => {
    const town = await OperatorTown.of({ north: NORTH, south: SOUTH, mill: MILL });
    await town.send([...NORTH, ...SOUTH, ...MILL], 1, 5);
    await town.tell(1);
    const [partition] = ofKind(payloadsOf(town.feed('partition')), 'partition');
    expect(partition).toMatchObject({
      quarter: '2026-Q1',
      areas: [
        { area: 'mill_north', leaves: ['mill', 'north'], intervalMinutes: 15, customers: '100-999' },
        { area: 'south', leaves: ['south'], intervalMinutes: 15, customers: '100-999' },
      ],
      withheld: [],
    });
    expect(ofKind(await town.received('mill_north'), 'demand')[0]!.netWh).toBe(700);
    expect(ofKind(await town.received('south'), 'demand')[0]!.netWh).toBe(550);
    for (const alone of ['mill', 'north']) expect(town.feed(alone)).toEqual([]);
  });

  it('R9.4-4, C10.4-3: nothing of leaves that are too few even together, and nothing of an area that has one large customer', async () => {
    const few = await OperatorTown.of({ mill: MILL });
    await few.send(MILL, 1, 5);
    await few.tell(1);
    expect(few.feed('partition')).toEqual([]);
    expect(few.feed('mill')).toEqual([]);
    const large = await OperatorTown.of({ north: NORTH }, { commercial: [1], annualWh: { 1: 90_000_000 } });
    await large.send(NORTH, 1, 5);
    await large.tell(1);
    expect(large.feed('north')).toEqual([]);
  });

  it('R9.4-4, C10.4-3: an interval of which too few homes have sent is suppressed, and told when enough have', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.send(NORTH.slice(0, 60), 1, 100);
    await town.tell(1);
    expect(await town.received('north')).toMatchObject([{ kind: 'suppressed', because: 'too-few-read', window: windowOf(1) }]);
    await town.send(NORTH.slice(60), 1, 100);
    await town.tell(5);
    const [, ...later] = await town.received('north');
    expect(ofKind(later, 'revision')).toMatchObject([{ netWh: 12_000, revision: 1, completeness: '>=99%' }]);
  });

  it('R9.4-4, C10.4-3: an area of which so many left that 99 of those it began with may be there is told no longer', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    for (const [slot, left] of [
      [1, range(1, 20)],
      [2, [21]],
    ] as const) {
      for (const meter of left) await town.street.amend(meter, { status: 'retired' }, MIDNIGHT + (slot - 1) * QUARTER_MS);
      await town.send(NORTH.slice(21), slot, 10);
      await town.tell(slot);
    }
    expect(await town.received('north')).toMatchObject([
      { kind: 'demand', netWh: 990, window: windowOf(1) },
      { kind: 'suppressed', because: 'below-gate', window: windowOf(2) },
    ]);
  });

  it('R9.4-4, C10.4-3: late data of a few homes makes no revision, also not at D+5; that of enough homes does', async () => {
    const many = range(1, 240);
    const town = await OperatorTown.of({ north: many });
    await town.send(many.slice(0, 130), 1, 100);
    await town.tell(1);
    await town.send(many.slice(130, 135), 1, 1);
    await town.tell(5);
    await town.tell(96 * 6 + 8);
    expect(ofKind(await town.received('north'), 'revision')).toEqual([]);
    const other = await OperatorTown.of({ north: many });
    await other.send(many.slice(0, 130), 1, 100);
    await other.tell(1);
    await other.send(many.slice(130), 1, 1);
    await other.tell(5);
    expect(ofKind(await other.received('north'), 'revision')).toMatchObject([{ netWh: 13_110, revision: 2, window: windowOf(1) }]);
  });

  it('R9.4-4, C10.4-3: 109 late homes and a firm make no revision, be it there from the start or since', async () => {
    const many = range(1, 240);
    const start = await OperatorTown.of({ north: many }, { commercial: [240] });
    const since = await OperatorTown.of({ north: many });
    for (const town of [start, since]) {
      await town.send(many.slice(0, 130), 1, 100);
      await town.tell(1);
      if (town === since) await town.street.join(241, 'north-0', { ...HOME, areaLeaf: 'north', meterClass: 'commercial' });
      await town.send(many.slice(130), 1, 1);
      await town.tell(5);
      await town.tell(96 * 6 + 8);
      const told = (await town.received('north')).filter(({ window }) => window.until === windowOf(1).until);
      expect(told).toMatchObject([{ kind: 'demand', netWh: 13_000 }]);
    }
  });

  it('R9.4-4, C10.4-3: no meter, no customer, no number of homes', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.send(NORTH.slice(0, 117), 1, 100);
    await town.tell(1);
    const all = [...(await town.received('north')), ...(await town.received('partition'))];
    expect(all.length).toBeGreaterThan(1);
    for (const item of all) expect(OPERATOR_ITEM.parse(item)).toEqual(item);
    const items = JSON.stringify(all);
    expect(items).toContain('"netWh":11700');
    expect(items).not.toMatch(/0a0b0c|account|\b117\b|\b120\b/);
  });

  it('a feed that is behind what it promises is counted as late by the run that catches up, and by none that is in time', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.send(NORTH, 1, 5);
    await town.tell(1);
    const { world } = town.street;
    const publisher = new Publisher(world.as('ems'), town.defences, async () => undefined);
    world.clock.advance(QUARTER_MS);
    expect((await publisher.run()).late).toBe(0);
    world.clock.advance(4 * QUARTER_MS);
    expect(await publisher.run()).toMatchObject({ areas: 1, late: 1, suppressed: 4 });
  });

  it('R9.4-4, C10.4-3: of 99 homes that feed in only net demand is told, in no field more, of 100 import and export', async () => {
    const few = await roofTown(99);
    const many = await roofTown(100);
    for (const town of [few, many]) {
      await sendRoofs(town, NORTH, 1);
      await sendRoofs(town, NORTH.slice(0, 10), 2);
      await town.tell(2);
      await sendRoofs(town, NORTH.slice(10), 2);
      await town.tell(6);
    }
    const told = { window: windowOf(1), netWh: 840 };
    expect(ofKind(await many.received('north'), 'demand')).toMatchObject([{ ...told, apart: { importWh: 1_200, exportWh: 360 } }]);
    expect(ofKind(await many.received('north'), 'revision')).toMatchObject([{ netWh: 840, apart: { importWh: 1_200, exportWh: 360 } }]);
    expect(ofKind(await few.received('north'), 'demand')).toMatchObject([told]);
    expect(ofKind(await few.received('north'), 'revision')).toMatchObject([{ window: windowOf(2), netWh: 840 }]);
    const kept = JSON.stringify([few.events('north'), payloadsOf(few.feed('north')), payloadsOf(few.feed('partition'))]);
    expect(kept).not.toMatch(/apart|importWh|exportWh|1200|360\b/);
    for (const item of payloadsOf(many.feed('north'))) expect(OPERATOR_ITEM.parse(item)).toEqual(item);
    expect(ofKind(payloadsOf(many.feed('partition')), 'partition')[0]!.areas).toMatchObject([{ area: 'north', apart: true }]);
  });

  it('R9.4-4, C10.4-3: who feeds in most of what an area feeds in, and meters that could tell of export and never did, hide nobody', async () => {
    const steep = await roofTown(110, (meter) => (meter === 1 ? 10_000_000 : 100_000));
    const idle = await roofTown(120, (meter) => (meter <= 99 ? 100_000 : 0));
    for (const town of [steep, idle]) {
      await sendRoofs(town, NORTH, 1);
      await town.tell(1);
      expect(ofKind(await town.received('north'), 'demand')).toMatchObject([{ netWh: 840 }]);
      expect(JSON.stringify(town.events('north'))).not.toContain('apart');
    }
  });

  it('R9.4-4, C10.4-3: faster meters that join after the partition count as homes, not as values: neither 45 of them nor 50 late ones are enough', async () => {
    const town = new OperatorTown();
    const fast = range(301, 145);
    for (const meter of NORTH) await town.street.join(meter, 'a', { ...ROOF, intervalMinutes: 30 });
    await town.compose(NORTH.map((meter) => ({ leaf: 'north', customer: { subject: `${meter}`, class: 'residential', annualWh: 1 } })));
    await town.tell(2);
    for (const meter of fast) await town.street.join(meter, 'b', ROOF, MIDNIGHT + 2 * QUARTER_MS);
    for (const slot of [3, 4]) await town.send(fast.slice(0, 45), slot, 10);
    for (const slot of [5, 6]) await town.send(fast.slice(0, 95), slot, 10);
    await town.tell(6);
    for (const slot of [5, 6]) await town.send(fast.slice(95), slot, 10);
    await town.tell(10);
    const told = (await town.received('north')).filter(
      ({ window }) => window.from >= windowOf(4, 2).from && window.until <= windowOf(6).until,
    );
    expect(told).toMatchObject([
      { kind: 'suppressed', because: 'too-few-read', window: windowOf(4, 2) },
      { kind: 'demand', netWh: 1_900, window: windowOf(6, 2) },
    ]);
  });

  it('meters that report every half-hour and every quarter make half-hours', async () => {
    const town = new OperatorTown();
    for (const meter of NORTH) await town.street.join(meter, 'a', { ...ROOF, intervalMinutes: meter === 1 ? 30 : 15 });
    await town.compose(NORTH.map((meter) => ({ leaf: 'north', customer: { subject: `${meter}`, class: 'residential', annualWh: 1 } })));
    for (const slot of [1, 2]) await sendRoofs(town, NORTH.slice(1), slot);
    await town.tell(2);
    expect(ofKind(await town.received('north'), 'demand')).toMatchObject([{ window: windowOf(2, 2), netWh: 1_666 }]);
  });
});

const EXPORTED = { ...HOME.channels[0]!, obis: '1-0:2.8.0', direction: 'export' as const };
const ROOF = { ...HOME, areaLeaf: 'north', channels: [...HOME.channels, EXPORTED] };

/** The first so many meters of the north feed in what is said, of 12 months in Wh. */
async function roofTown(roofs: number, exportWh: (meter: number) => number = () => 100_000): Promise<OperatorTown> {
  const town = new OperatorTown();
  for (const meter of NORTH) await town.street.join(meter, 'a', ROOF);
  const customer = (meter: number) => ({ subject: `${meter}`, class: 'residential' as const, annualWh: 3_500_000 });
  const fedIn = (meter: number) => (meter <= roofs ? { exportWh: exportWh(meter) } : {});
  await town.compose(NORTH.map((meter) => ({ leaf: 'north', customer: { ...customer(meter), ...fedIn(meter) }, tellsExport: true })));
  return town;
}

/** Each takes 10 Wh and feeds in 3. */
async function sendRoofs(town: OperatorTown, meters: readonly number[], slot: number): Promise<void> {
  await town.send(meters, slot, 10);
  await town.street.deliver(...meters.map((meter) => ({ meter, channel: 1, slot, values: [3] })));
}

/** UTC ms. */
function windowOf(slot: number, slots = 1) {
  return { from: MIDNIGHT + (slot - slots) * QUARTER_MS, until: MIDNIGHT + slot * QUARTER_MS };
}
