import { describe, expect, it } from 'vitest';
import { decideMembership } from '../../domain/telemetry/membership.ts';
import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import type { MeterLeft } from '../../events/index.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { FIRST_HOUR, IngestWorld } from '../ingest/ingest-world.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';

/** Two segments of four meters; the first meter of the first is carried over by hand, step by step. */
async function twoSegments(): Promise<IngestWorld> {
  return IngestWorld.make({ meters: 8, segmentSize: 4 });
}

async function leave(w: IngestWorld, meterId: string, from: string, to: string): Promise<{ left: MeterLeft; chainHead: Buffer }> {
  const platform = w.world.as('maintenance');
  await new Segments(platform).execute(from, { type: 'LeaveMeter', meterId, toSegment: to, at: FIRST_HOUR });
  let found: { left: MeterLeft; chainHead: Buffer } | undefined;
  for await (const commit of platform.events.read(`segment/${from}`)) {
    for (const event of commit.events)
      if (event.type === 'MeterLeft' && event.data.meterId === meterId) found = { left: event.data, chainHead: commit.head.hash };
  }
  return found!;
}

async function join(w: IngestWorld, from: string, { left, chainHead }: { left: MeterLeft; chainHead: Buffer }): Promise<void> {
  const relays = w.town[0]!.relays.map((dcId) => ({ dcId, from: 0 }));
  const carried = { segment: from, chainHead, state: left.state };
  const command = { type: 'JoinMeter' as const, meterId: left.meterId, asset: HOME, relays, from: carried, at: FIRST_HOUR };
  await new Segments(w.world.as('maintenance')).execute(left.toSegment, command);
}

describe('a meter that moves between segments', () => {
  it('loses no frame of a batch whose other frames the new segment has recorded already', async () => {
    const w = await twoSegments();
    const [moved, , , , other] = w.town;
    await join(w, '00000', await leave(w, moved!.meterId, '00000', '00001'));
    // The worker's list of meters is behind; the route is not.
    await w.world.directory.put([{ key: `route/${moved!.meterId}`, value: Buffer.from('00001') }]);
    await w.deliver([moved!.reading(FIRST_HOUR, [1, 2, 3, 4]), other!.reading(FIRST_HOUR, [5, 6, 7, 8])]);
    await w.reconciles();
    expect(await w.tally()).toMatchObject({ accepted: 2, duplicate: 0, quarantined: 0 });
  });

  it('loses no frame when another batch brings the news of its arrival while its new segment is looking at the batch', async () => {
    const w = await twoSegments();
    const [moved, , , , other, neighbour] = w.town;
    await w.deliver([neighbour!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    const { keys } = w.world;
    const list = keys.list.bind(keys);
    const comes = async () => {
      await join(w, '00000', await leave(w, moved!.meterId, '00000', '00001'));
      await w.deliver([neighbour!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    };
    let coming: Promise<void> | undefined;
    keys.list = async (prefix) => {
      coming ??= comes();
      await coming;
      // The segment that it left looks later.
      if (prefix.includes(moved!.meterId)) await new Promise((resolve) => setImmediate(resolve));
      return list(prefix);
    };
    await w.deliver([moved!.reading(FIRST_HOUR, [1, 2, 3, 4]), other!.reading(FIRST_HOUR, [5, 6, 7, 8])]);
    expect(coming).toBeDefined();
    await w.reconciles();
    expect(await w.tally()).toMatchObject({ accepted: 4, duplicate: 0, quarantined: 0 });
  });

  it('counts a batch of before the move nowhere when the queue delivers it again after it', async () => {
    const w = await twoSegments();
    const [moved, neighbour] = w.town;
    const body = await w.deliver([moved!.reading(FIRST_HOUR, [1, 2, 3, 4]), neighbour!.reading(FIRST_HOUR, [5, 6, 7, 8])]);
    await join(w, '00000', await leave(w, moved!.meterId, '00000', '00001'));
    await w.world.directory.put([{ key: `route/${moved!.meterId}`, value: Buffer.from('00001') }]);
    await w.deliverBodies([body]);
    w.restart();
    await w.deliverBodies([body]);
    await w.reconciles();
    expect(await w.tally()).toMatchObject({ accepted: 2, duplicate: 0 });
  });

  it('finds its way by the streams when the directory still names the old segment', async () => {
    const w = await twoSegments();
    await join(w, '00000', await leave(w, w.town[0]!.meterId, '00000', '00001'));
    await w.deliver([w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    expect(await w.tally()).toMatchObject({ accepted: 1, duplicate: 0, quarantined: 0 });
  });

  it('is brought home by the first frame that finds it between two segments; the mover who slept changes nothing', async () => {
    const w = await twoSegments();
    const departure = await leave(w, w.town[0]!.meterId, '00000', '00001');
    const frame = w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    await w.deliver([frame]);
    await join(w, '00000', departure);
    await w.deliver([frame]);
    expect(await w.tally()).toMatchObject({ accepted: 1, duplicate: 1, quarantined: 0 });
    expect((await w.events('segment/00001')).filter(({ type }) => type === 'MeterJoined')).toHaveLength(5);
  });

  it('stays quarantined, keeps its slots and its downlink sequence there and back', async () => {
    const w = await twoSegments();
    const { meterId } = w.town[0]!;
    await w.deliver([w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    const segments = () => new Segments(w.world.as('maintenance'));
    const before = (await segments().load('00000')).state;
    const { dnSeq } = before.members.at(before.members.findId(meterId))!;
    expect(dnSeq).toBeGreaterThan(0);
    await join(w, '00000', await leave(w, meterId, '00000', '00001'));
    await join(w, '00001', await leave(w, meterId, '00001', '00000'));
    const { state } = await segments().load('00000');
    const member = state.members.at(state.members.findId(meterId))!;
    expect(member.dnSeq).toBe(dnSeq);
    expect(state.lanes.newest(member.lanes[0]!)).toBe(FIRST_HOUR / QUARTER_MS);
    expect(state.members.findId(meterId)).toBe(4);
    await w.deliver([w.town[0]!.reading(FIRST_HOUR + 4 * QUARTER_MS, [1, 2, 3, 4])], 'one', FIRST_HOUR + 4 * QUARTER_MS);
    expect(await w.tally()).toMatchObject({ accepted: 2, duplicate: 0, quarantined: 0 });
  });

  it('keeps the first of two values of a slot, though the stream of its second home is read first', async () => {
    const w = await twoSegments();
    const moved = w.town[4]!;
    await w.deliver([moved.reading(FIRST_HOUR, [1, 1, 1, 1])]);
    await join(w, '00001', await leave(w, moved.meterId, '00001', '00000'));
    await w.deliver([moved.reading(FIRST_HOUR, [2, 1, 1, 1])], 'one', FIRST_HOUR + 1);
    expect((await w.tally()).slotConflicts).toBe(1);
    const fold = new ReadingsFold();
    for (const stream of ['segment/00000', 'segment/00001']) {
      fold.beginStream(stream.slice(8));
      for (const event of await w.events(stream)) fold.add(event);
    }
    expect(fold.totals()).toEqual({ readings: 4, energyWh: 4 });
  });

  it('has an old frame that comes again counted as a duplicate, though its tag stayed in the stream it left', async () => {
    const w = await twoSegments();
    const [moved] = w.town;
    const old = moved!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    await w.deliver([old, ...Array.from({ length: 100 }, () => moved!.reading(FIRST_HOUR, [1, 2, 3, 4]))]);
    await join(w, '00000', await leave(w, moved!.meterId, '00000', '00001'));
    await w.deliver([old]);
    expect(await w.tally()).toMatchObject({ accepted: 101, duplicate: 1, quarantined: 0 });
    expect((await w.events(`meter/${moved!.meterId}`)).filter(({ type }) => type === 'CounterReused')).toEqual([]);
  });

  it('never takes a place a second time by a mover that woke up late', async () => {
    const w = await twoSegments();
    const { meterId } = w.town[0]!;
    const first = await leave(w, meterId, '00000', '00001');
    await join(w, '00000', first);
    const second = await leave(w, meterId, '00001', '00000');
    await join(w, '00000', first);
    await join(w, '00001', second);
    const { state } = await new Segments(w.world.as('maintenance')).load('00001');
    expect(state.members.findId(meterId)).toBe(-1);
    const again = { type: 'JoinMeter' as const, meterId, asset: HOME, relays: [], at: FIRST_HOUR };
    expect(decideMembership(state, again)).toEqual([]);
  });
});
