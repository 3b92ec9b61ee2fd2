import { describe, expect, it } from 'vitest';
import { OPERATOR_ITEM } from '../../events/catalogue/operator-feed.ts';
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
    expect(told.map(({ seq, window, importWh, revision }) => ({ seq, window, importWh, revision }))).toEqual([
      { seq: 1, window: windowOf(1), importWh: 7_260, revision: 1 },
      { seq: 2, window: windowOf(2), importWh: 1_200, revision: 1 },
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
    expect(ofKind(await town.received('mill_north'), 'demand')[0]!.importWh).toBe(700);
    expect(ofKind(await town.received('south'), 'demand')[0]!.importWh).toBe(550);
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
    expect(ofKind(later, 'revision')).toMatchObject([{ importWh: 12_000, revision: 1, completeness: '>=99%' }]);
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
    expect(ofKind(await other.received('north'), 'revision')).toMatchObject([{ importWh: 13_110, revision: 2, window: windowOf(1) }]);
  });

  it('R9.4-4, C10.4-3: no meter, no customer, no number of homes', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.send(NORTH.slice(0, 117), 1, 100);
    await town.tell(1);
    const all = [...(await town.received('north')), ...(await town.received('partition'))];
    expect(all.length).toBeGreaterThan(1);
    for (const item of all) expect(OPERATOR_ITEM.parse(item)).toEqual(item);
    const items = JSON.stringify(all);
    expect(items).toContain('"importWh":11700');
    expect(items).not.toMatch(/0a0b0c|account|\b117\b|\b120\b/);
  });

  it('what homes feed in is told apart; meters that report every half-hour and every quarter make half-hours', async () => {
    const town = new OperatorTown();
    const { street } = town;
    const exported = { ...HOME.channels[0]!, obis: '1-0:2.8.0', direction: 'export' as const };
    const roofs = { ...HOME, areaLeaf: 'north', channels: [...HOME.channels, exported] };
    for (const meter of NORTH) await street.join(meter, 'a', meter === 1 ? { ...HOME, areaLeaf: 'north', intervalMinutes: 30 } : roofs);
    await town.compose(NORTH.map((meter) => ({ leaf: 'north', customer: { subject: `${meter}`, class: 'residential', annualWh: 1 } })));
    for (const slot of [1, 2]) {
      await town.send(NORTH.slice(1), slot, 10);
      await street.deliver(...NORTH.slice(1).map((meter) => ({ meter, channel: 1, slot, values: [3] })));
    }
    await town.tell(2);
    const told = ofKind(await town.received('north'), 'demand');
    expect(told).toMatchObject([{ window: windowOf(2, 2), importWh: 2_380, exportWh: 714 }]);
  });
});

/** UTC ms. */
function windowOf(slot: number, slots = 1) {
  return { from: MIDNIGHT + (slot - slots) * QUARTER_MS, until: MIDNIGHT + slot * QUARTER_MS };
}
