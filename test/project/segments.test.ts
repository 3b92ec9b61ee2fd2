import { beforeEach, describe, expect, it } from 'vitest';
import { AREA_SUMS, areaAt } from '../../lambdas/project/area-sums.ts';
import { COVERAGE, coverageOf } from '../../lambdas/project/coverage.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { type Follow, follower } from './following.ts';
import { endOf, MIDNIGHT, meterId, PANELS, SegmentStreet, slotsOf } from './segment-street.ts';

let street: SegmentStreet;
let follow: Follow;

beforeEach(() => {
  street = new SegmentStreet();
  follow = follower(street.world.as('project'));
});

async function followAll(): Promise<void> {
  expect(await follow(street.arrivals)).toEqual([]);
}

async function area(slot: number, leaf = 'area-1') {
  return await areaAt(street.world.as('project').models.table(AREA_SUMS), leaf, endOf(slot));
}

describe('area sums', () => {
  it('add up total active energy of all segments, and neither tariff registers nor reactive energy', async () => {
    await street.join(1, 'a', PANELS);
    await street.join(2, 'b');
    const frames = [0, 1, 2, 3].map((channel) => ({ meter: 1, channel, slot: 1, values: [100 + channel] }));
    await street.deliver(...frames, { meter: 2, channel: 0, slot: 1, values: [7] });
    await followAll();
    expect(await area(1)).toEqual({ importWh: 107, exportWh: 101, measured: 2, held: 0, exporting: 1 });
  });

  it('a home that moves between segments in the middle of the day counts once, wherever its slots come again', async () => {
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 4, values: [1, 2, 3, 4] });
    await street.move(1, 'b', MIDNIGHT + 5 * QUARTER_MS);
    await street.deliver({ meter: 1, channel: 0, slot: 6, values: [3, 4, 5, 6] });
    await followAll();
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map(async (slot) => (await area(slot)).importWh))).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await area(4)).measured).toBe(1);
    expect(slotsOf(await street.usage(1))).toEqual({ 0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 6 });
  });

  it('a home belongs to the leaf that its asset record names when a slot comes; late data goes to its own interval', async () => {
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 3, values: [3] });
    await street.amend(1, { asset: { ...HOME, areaLeaf: 'area-2' } });
    await street.deliver({ meter: 1, channel: 0, slot: 4, values: [2, 3, 4] });
    await followAll();
    expect((await area(3)).importWh).toBe(3);
    expect((await area(2, 'area-2')).importWh).toBe(2);
    expect((await area(4, 'area-2')).importWh).toBe(4);
    expect((await area(3, 'area-2')).measured).toBe(0);
  });

  it('hold no meter and no customer', async () => {
    await street.install(1, [['anna', -96]]);
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 1, values: [5] });
    await followAll();
    const items = JSON.stringify(street.world.models.dump(AREA_SUMS));
    expect(items).toContain('importWh');
    expect(items).not.toMatch(new RegExp(`anna|up-1|${meterId(1)}`));
  });
});

describe('coverage', () => {
  it('sets what came against what homes should have sent, hour by hour, from when they came to when they left', async () => {
    await street.join(1, 'a');
    await street.join(2, 'a', HOME, MIDNIGHT + 6 * QUARTER_MS);
    await street.join(3, 'a');
    await street.amend(3, { status: 'retired' }, MIDNIGHT + 4 * QUARTER_MS);
    await street.deliver(
      { meter: 1, channel: 0, slot: 4, values: [1, 2, undefined, 9_000] },
      { meter: 1, channel: 0, slot: 6, values: [6] },
    );
    await street.deliver({ meter: 1, channel: 0, slot: 4, values: [4] }, { meter: 2, channel: 0, slot: 8, values: [7, 8] });
    await followAll();
    const table = street.world.as('project').models.table(COVERAGE);
    const hour = MIDNIGHT / 1000;
    expect(await coverageOf(table, 'a', hour, hour + 3 * 3_600)).toEqual([
      { hour, expected: 8, received: 4 },
      { hour: hour + 3_600, expected: 6, received: 3 },
      { hour: hour + 7_200, expected: 8, received: 0 },
    ]);
  });

  it('a home that left is expected where it went', async () => {
    await street.join(1, 'a');
    await street.move(1, 'b', MIDNIGHT + 2 * QUARTER_MS);
    await street.move(1, 'a', MIDNIGHT + 3 * QUARTER_MS);
    await followAll();
    const table = street.world.as('project').models.table(COVERAGE);
    const hour = MIDNIGHT / 1000;
    const expected = async (segment: string) => (await coverageOf(table, segment, hour, hour + 3_600))[0]?.expected;
    expect([await expected('a'), await expected('b')]).toEqual([3, 1]);
  });
});

/** The function's world with another way to read. */
function reading(read: EventStore['read']): Platform {
  const platform = street.world.as('project');
  const { events } = platform;
  const others = {
    head: events.head.bind(events),
    append: events.append.bind(events),
    prepare: events.prepare.bind(events),
    rowsOf: events.rowsOf.bind(events),
    evidence: events.evidence.bind(events),
    traceAt: events.traceAt.bind(events),
    latest: events.latest.bind(events),
    verify: events.verify.bind(events),
    anchor: events.anchor.bind(events),
    isHot: events.isHot.bind(events),
    trim: events.trim.bind(events),
    archive: events.archive.bind(events),
    sweep: events.sweep.bind(events),
  };
  return { ...platform, events: { ...others, read, streams: events.streams.bind(events) } };
}

describe('following the feed', () => {
  it('where telemetry is not kept any more a segment is taken up from its checkpoint, and counts nothing of before again', async () => {
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 2, values: [1, 2] });
    await street.checkpoint('a');
    const kept = street.arrivals.at(-1)!.version;
    await street.deliver({ meter: 1, channel: 0, slot: 3, values: [2, 3] });
    const { events } = street.world.as('project');
    const late = follower(
      reading(async function* (stream, from, access) {
        for await (const commit of events.read(stream, from, access))
          yield stream === 'segment/a' && commit.version < kept ? { ...commit, events: [], erased: true } : commit;
      }),
    );
    expect(await late(street.arrivals)).toEqual([]);
    expect(await Promise.all([1, 2, 3].map(async (slot) => (await area(slot)).importWh))).toEqual([0, 0, 3]);
    expect(slotsOf(await street.usage(1))).toEqual({ 2: 3 });
    const covered = await coverageOf(street.world.as('project').models.table(COVERAGE), 'a', MIDNIGHT / 1000, MIDNIGHT / 1000 + 3_600);
    expect(covered).toEqual([{ hour: MIDNIGHT / 1000, expected: 4, received: 1 }]);
  });

  it('a segment that can not be read is named, and keeps no other from being taken up', async () => {
    await street.join(1, 'a');
    await street.join(2, 'b');
    await street.deliver({ meter: 1, channel: 0, slot: 1, values: [1] }, { meter: 2, channel: 0, slot: 1, values: [2] });
    const platform = street.world.as('project');
    const broken = follower(
      reading((stream, ...rest) => {
        if (stream === 'segment/a') throw new Error('damaged');
        return platform.events.read(stream, ...rest);
      }),
    );
    expect(await broken(street.arrivals)).toEqual([String(1).padStart(21, '0')]);
    expect(await area(1)).toEqual({ importWh: 2, exportWh: 0, measured: 1, held: 0, exporting: 0 });
    expect(await follow(street.arrivals.slice(-1))).toEqual([]);
    expect((await area(1)).importWh).toBe(2);
    expect(await follow(street.arrivals.slice(0, 1))).toEqual([]);
    expect(await follow(street.arrivals.slice(2, 3))).toEqual([]);
    expect((await area(1)).importWh).toBe(3);
  });
});
