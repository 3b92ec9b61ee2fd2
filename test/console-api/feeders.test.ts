import { describe, expect, it } from 'vitest';
import type { FeedersView } from '../../api/feeders.ts';
import { writeFeederView } from '../../bin/town/feeder-view.ts';
import type { DomainEvent } from '../../events/index.ts';
import { toldSince } from '../../lambdas/console-api/told-since.ts';
import { AREA_SUMS, feederSlots } from '../../lambdas/project/area-sums.ts';
import { OperatorTown, range } from '../ems/operator-world.ts';
import { endOf, MIDNIGHT } from '../project/segment-street.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { ConsoleDoor } from './console-world.ts';

const NORTH = range(1, 110);
const SMALL = range(201, 12);
const [HEAD, HEAD_OF_SMALL] = [900, 901];

const doorOf = (town: OperatorTown) => new ConsoleDoor((principal) => town.street.world.as(principal));
const seen = async (town: OperatorTown) => (await doorOf(town).ask<FeedersView>('showFeeders', { role: 'operator' })).body;
const at = (slot: number) => new Date(MIDNIGHT + slot * QUARTER_MS).toISOString();

/** One feeder that measures what its homes say and a part of it more. */
async function oneFeeder(shares: readonly number[]): Promise<OperatorTown> {
  const town = await OperatorTown.of({ north: NORTH });
  await town.head(HEAD, 'north');
  for (const [i, share] of shares.entries()) {
    await town.send(NORTH, i + 1, 400);
    await town.send([HEAD], i + 1, (400 * NORTH.length * share) / 10);
  }
  await town.tell(shares.length);
  return town;
}

describe('feeders at the console', () => {
  it('shows by day what the head measured and what the homes say', async () => {
    const { quarter, areas, limits, withheld } = await seen(await oneFeeder([1.04, 1.04, 1.05]));
    expect([quarter, withheld]).toEqual(['2026-Q1', []]);
    expect(limits).toEqual({ above: 20, below: 100 });
    const [north] = areas;
    expect(north).toMatchObject({ area: 'north', feeders: ['north'], withoutHead: [], intervalMinutes: 15, doubt: null });
    expect(north!.days).toHaveLength(7);
    expect(north!.days.at(-1)).toEqual({
      ...{ day: new Date(MIDNIGHT).toISOString().slice(0, 10), headWh: 44_000 * 3.13, homesWh: 132_000 },
      ...{ compared: 3, leftOut: 0, doubted: 0 },
    });
  });

  it('says what is unusual and since when, as the operator was told', async () => {
    const { areas } = await seen(await oneFeeder([1.04, 1.25, 1.25, 1.25]));
    expect(areas[0]!.doubt).toEqual({
      ...{ causes: ['less-than-the-feeder'], since: at(1), until: at(4), intervals: 3, goesOn: true, mayBeOlder: false },
    });
    expect(areas[0]!.days.at(-1)).toMatchObject({ compared: 4, doubted: 3 });
    const over = (await seen(await oneFeeder([1.25, 0.9, 1.04]))).areas[0]!.doubt;
    expect(over).toEqual({
      ...{ causes: ['less-than-the-feeder', 'more-than-the-feeder'], since: at(0), until: at(2), intervals: 2 },
      ...{ goesOn: false, mayBeOlder: true },
    });
  });

  it('C10.4-3: says nothing of a feeder with too few homes but within its area, head included', async () => {
    const town = await OperatorTown.of({ north: NORTH, small: SMALL });
    await town.head(HEAD, 'north');
    await town.head(HEAD_OF_SMALL, 'small');
    await town.send(NORTH, 1, 400);
    await town.send(SMALL, 1, 777);
    await town.send([HEAD], 1, 4_576);
    await town.send([HEAD_OF_SMALL], 1, 970);
    await town.tell(1);
    const { areas } = await seen(town);
    expect(areas.map(({ feeders }) => feeders)).toEqual([['north', 'small']]);
    expect(areas[0]!.days.at(-1)).toMatchObject({ headWh: 45_760 + 9_700, homesWh: 44_000 + 12 * 777, compared: 1 });
    const text = JSON.stringify(areas);
    for (const alone of [45_760, 9_700, 44_000, 12 * 777]) expect(text).not.toContain(String(alone));
  });

  it('C10.4-3: leaves out what was not told, and what homes or a head are missing from', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.head(HEAD, 'north');
    // Too few for the gate, too few to compare, no head, whole.
    for (const [slot, homes] of [60, 105, 110, 110].entries()) await town.send(NORTH.slice(0, homes), slot + 1, 400);
    for (const slot of [1, 2, 4]) await town.send([HEAD], slot, 4_500);
    await town.tell(4);
    expect((await seen(town)).areas[0]!.days.at(-1)).toMatchObject({ headWh: 45_000, homesWh: 44_000, compared: 1, leftOut: 3 });
  });

  it('an interval of a head that reports more often is whole or not there', async () => {
    const town = await OperatorTown.of({ north: NORTH }, {});
    const channels = [{ ...HOME.channels[0]!, scale: 10 }];
    const asset = { ...HOME, channels, fuseW: 2_000_000, areaLeaf: 'north', meterClass: 'grid' as const };
    // Two heads: a feeder that is fed from both ends.
    for (const head of [HEAD, HEAD_OF_SMALL]) await town.street.join(head, 'grid-north', asset);
    for (const slot of [1, 2]) await town.send(NORTH, slot, 400);
    await town.send([HEAD, HEAD_OF_SMALL], 1, 2_250);
    await town.send([HEAD], 2, 2_250);
    await town.tell(2);
    expect((await seen(town)).areas[0]!.days.at(-1)).toMatchObject({ headWh: 45_000, homesWh: 44_000, compared: 1, leftOut: 1 });
  });

  it('and the terminal of a town counts the same doubts, beside what adds up by now', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    for (const head of [HEAD, HEAD_OF_SMALL]) await town.head(head, 'north');
    for (const slot of [1, 2]) await town.send(NORTH, slot, 400);
    await town.send([HEAD], 1, 2_250);
    await town.send([HEAD, HEAD_OF_SMALL], 2, 2_250);
    await town.tell(2);
    // What the other end of the feeder measured came late.
    await town.send([HEAD_OF_SMALL], 1, 2_250);
    await town.tell(2);
    expect((await seen(town)).areas[0]!.days.at(-1)).toMatchObject({ compared: 2, doubted: 1 });
    const said: string[] = [];
    const window = { from: MIDNIGHT / 1000, until: endOf(2), intervalMinutes: 15 };
    await writeFeederView(town.street.world.as('ems'), window, (line) => said.push(line));
    expect(said[2]).toContain('of intervals as they stand now 2 add up, 0 do not, 0 lack homes');
    expect(said.slice(3)).toEqual([
      '  north: of intervals 1 was doubted when the operator was told of them (homes reported more than passed the head)',
    ]);
  });

  it('and says so where no interval was doubted', async () => {
    const said: string[] = [];
    const window = { from: MIDNIGHT / 1000, until: endOf(2), intervalMinutes: 15 };
    const town = await oneFeeder([1.04, 1.04]);
    await writeFeederView(town.street.world.as('ems'), window, (line) => said.push(line));
    expect(said.slice(3)).toEqual(['  no interval was doubted when the operator was told of it']);
  });

  it('and says nothing of doubts where homes are too few to tell the operator anything', async () => {
    const town = await OperatorTown.of({ small: SMALL });
    await town.head(HEAD, 'small');
    await town.send(SMALL, 1, 777);
    await town.send([HEAD], 1, 970);
    await town.tell(1);
    const said: string[] = [];
    const window = { from: MIDNIGHT / 1000, until: endOf(1), intervalMinutes: 15 };
    await writeFeederView(town.street.world.as('ems'), window, (line) => said.push(line));
    expect(said).toHaveLength(3);
    expect(said[2]).toContain('1 adds up, 0 do not');
  });

  it('names feeders without a head, and compares nothing there', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.send(NORTH, 1, 400);
    await town.tell(1);
    const [north] = (await seen(town)).areas;
    expect(north!.withoutHead).toEqual(['north']);
    expect(north!.days.at(-1)).toMatchObject({ compared: 0, leftOut: 1, headWh: 0, homesWh: 0 });
  });

  it('keeps a week of local days in view', async () => {
    const town = await oneFeeder([1.04, 1.04, 1.04]);
    for (const day of range(1, 8)) await town.tell(day * 96 + 2);
    const [north] = (await seen(town)).areas;
    expect(north!.days.map(({ day }) => day.slice(5))).toEqual(['01-17', '01-18', '01-19', '01-20', '01-21', '01-22', '01-23']);
    expect(north!.days.map(({ compared, leftOut }) => compared + leftOut)).toEqual([96, 96, 96, 96, 96, 96, 2]);
  });

  it('reads of a head what ends in the stretch, and nothing before or behind it', async () => {
    const town = await oneFeeder([1, 2, 3, 4, 5, 6]);
    const { models } = town.street.world.as('console-api');
    const slots = await feederSlots(models.table(AREA_SUMS), 'north', endOf(1), endOf(5));
    expect([...slots].map(([end, { importWh }]) => [end, importWh])).toEqual(range(2, 4).map((slot) => [endOf(slot), slot * 44_000]));
  });

  it('finds the whole week however often what was told was revised since', async () => {
    const world = new MemoryWorld({ now: MIDNIGHT });
    const { events } = world.as('ems');
    const counts = { expected: 110, measured: 110, held: 0, exporting: 0 };
    const of = { area: 'north', intervalMinutes: 15, counts, prevHash: 'p', hash: 'h', jws: 'j', at: MIDNIGHT };
    let seq = 0;
    const tell = async (slot: number, revision: number) => {
      const data = { ...of, end: endOf(slot), netWh: slot * 1_000 + revision, seq: ++seq };
      const event: DomainEvent =
        revision === 1 ? { type: 'AreaDemandPublished', data } : { type: 'AreaRevised', data: { ...data, revision } };
      await events.append(await events.head('area/north'), { commitId: Buffer.alloc(32, seq), events: [event] }).durable;
    };
    for (const slot of range(1, 10)) await tell(slot, 1);
    for (const revision of range(2, 300)) for (const slot of range(1, 8)) await tell(slot, revision);
    const flows = await toldSince(world.as('console-api'), 'north', endOf(4));
    expect(flows.map(({ end, netWh }) => [end, netWh])).toEqual(
      range(5, 6).map((slot) => [endOf(slot), slot * 1_000 + (slot > 8 ? 1 : 301)]),
    );
  });

  it('before any area has enough homes there is nothing', async () => {
    const town = await OperatorTown.of({ small: SMALL });
    await town.tell(1);
    expect(await seen(town)).toMatchObject({ quarter: null, areas: [], withheld: [] });
  });

  it('a page goes on for whoever got it and nobody else', async () => {
    const leaves = Object.fromEntries(range(0, 23).map((i) => [`leaf-${String(i).padStart(2, '0')}`, range(1 + i * 15, 15)]));
    const town = await OperatorTown.of(leaves, { commercial: range(1, 23 * 15) });
    await town.tell(1);
    const door = doorOf(town);
    const first = (await door.ask<FeedersView>('showFeeders', { role: 'operator' })).body;
    expect(first.areas).toHaveLength(20);
    const asked = { role: 'operator', query: { cursor: first.cursor! } } as const;
    const second = (await door.ask<FeedersView>('showFeeders', asked)).body;
    expect([...first.areas, ...second.areas].map(({ area }) => area)).toEqual(Object.keys(leaves));
    expect(second.cursor).toBeUndefined();
    expect((await door.ask('showFeeders', { ...asked, as: 'bob' })).status).toBe(400);
  });
});
