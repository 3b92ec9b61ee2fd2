import { describe, expect, it } from 'vitest';
import { meter } from '../../domain/enrolment/meter.ts';
import { amendMeter } from '../../lambdas/enrol/standing.ts';
import { finishMoves, moveMeter, noteBrokenMoves } from '../../lambdas/maintenance/move-meter.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { FIRST_HOUR, IngestWorld } from '../ingest/ingest-world.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';

const TO = '00001';

/** Lets so many writes to streams and directory through; the next one is the process's last act, done or not. */
function dyingAfter(platform: Platform, writes: number, lastIsDone: boolean): Platform {
  let left = writes;
  const act = async <T>(write: () => Promise<T>): Promise<T> => {
    if (left-- > 0) return write();
    if (lastIsDone && left === -1) await write();
    throw new Error('the process is gone');
  };
  return {
    ...platform,
    directory: Object.assign(Object.create(platform.directory) as Platform['directory'], {
      get: (key: string) => platform.directory.get(key),
      list: (prefix: string) => platform.directory.list(prefix),
      put: (entries: readonly { key: string; value: Buffer }[]) => act(() => platform.directory.put(entries)),
    }),
    events: {
      read: (stream, from, access) => platform.events.read(stream, from, access),
      evidence: (stream, from, access) => platform.events.evidence(stream, from, access),
      head: (stream, subject) => platform.events.head(stream, subject),
      rowsOf: (stream) => platform.events.rowsOf(stream),
      traceAt: (stream, version) => platform.events.traceAt(stream, version),
      latest: (stream) => platform.events.latest(stream),
      verify: (stream) => platform.events.verify(stream),
      anchor: (stream) => platform.events.anchor(stream),
      isHot: (stream) => platform.events.isHot(stream),
      trim: (head, body) => platform.events.trim(head, body),
      archive: (streams) => platform.events.archive(streams),
      sweep: () => platform.events.sweep(),
      prepare: (subjects) => platform.events.prepare(subjects),
      streams: (prefix) => platform.events.streams(prefix),
      append: (head, commit) => {
        if (left <= 0 && !(left === 0 && lastIsDone)) {
          left--;
          throw new Error('the process is gone');
        }
        const appended = platform.events.append(head, commit);
        return { ...appended, durable: act(() => appended.durable) };
      },
    },
  };
}

async function homes(w: IngestWorld, meterId: string): Promise<string[]> {
  const found: string[] = [];
  for (const id of ['00000', TO]) {
    const { state } = await new Segments(w.world.as('maintenance')).load(id);
    if (state.members.findId(meterId) >= 0) found.push(id);
  }
  return found;
}

describe('moveMeter', () => {
  it('can be killed at any of its writes, before or after it, and be finished', async () => {
    let steps = 0;
    for (let writes = 0; writes < 20; writes++) {
      for (const lastIsDone of [false, true]) {
        const w = await IngestWorld.make({ meters: 8, segmentSize: 4 });
        const { meterId } = w.town[0]!;
        const body = await w.deliver([w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4]), w.town[4]!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
        const platform = w.world.as('maintenance');
        const died = await moveMeter(dyingAfter(platform, writes, lastIsDone), meterId, TO).then(
          () => false,
          () => true,
        );
        if (!died) {
          expect(await homes(w, meterId)).toEqual([TO]);
          steps = writes;
          continue;
        }
        await finishMoves(platform);
        const begun = (await homes(w, meterId))[0] !== '00000';
        if (!begun) await moveMeter(platform, meterId, TO);
        expect(await homes(w, meterId)).toEqual([TO]);
        expect((await foldStream(platform.events, `meter/${meterId}`, meter)).state).toMatchObject({ segment: TO });
        w.restart();
        await w.deliverBodies([body]);
        await w.deliver([w.town[0]!.reading(FIRST_HOUR + 4 * QUARTER_MS, [5, 6, 7, 8])], 'one', FIRST_HOUR + 4 * QUARTER_MS);
        expect(await w.tally()).toMatchObject({ accepted: 3, duplicate: 0, quarantined: 0 });
      }
    }
    expect(steps).toBeGreaterThan(5);
  });

  it('is found by the streams alone, when the directory knows nothing of it', async () => {
    const w = await IngestWorld.make({ meters: 8, segmentSize: 4 });
    const { meterId } = w.town[0]!;
    const platform = w.world.as('maintenance');
    await new Segments(platform).execute('00000', { type: 'LeaveMeter', meterId, toSegment: TO, at: FIRST_HOUR });
    expect(await finishMoves(platform)).toBe(0);
    await noteBrokenMoves(platform);
    expect(await finishMoves(platform)).toBe(1);
    expect(await homes(w, meterId)).toEqual([TO]);
    expect(await finishMoves(platform)).toBe(0);
  });

  it('takes a meter in once when another worker begins the segment meanwhile', async () => {
    const w = await IngestWorld.make({ meters: 4, segmentSize: 4 });
    const { meterId } = w.town[0]!;
    const platform = w.world.as('maintenance');
    const { events } = w.world;
    const head = events.head.bind(events);
    const empty = '00002';
    const join = { type: 'JoinMeter' as const, meterId, asset: HOME, relays: [], at: FIRST_HOUR };
    events.head = async (stream) => {
      if (stream === `segment/${empty}`) {
        events.head = head;
        await new Segments(platform).execute(empty, join);
      }
      return head(stream);
    };
    await new Segments(platform).execute(empty, join);
    expect(events.eventsOf(`segment/${empty}`).map(({ type }) => type)).toEqual(['MeterJoined']);
  });

  it('ends in one segment when two movers want different ones', async () => {
    const w = await IngestWorld.make({ meters: 8, segmentSize: 4 });
    const { meterId } = w.town[0]!;
    await Promise.all([
      moveMeter(w.world.as('maintenance'), meterId, TO),
      moveMeter(w.world.as('maintenance'), meterId, '00002').catch(() => undefined),
    ]);
    await finishMoves(w.world.as('maintenance'));
    const { state } = await foldStream(w.world.as('maintenance').events, `meter/${meterId}`, meter);
    const segment = state.status === 'unknown' ? undefined : state.segment;
    const third = await new Segments(w.world.as('maintenance')).load('00002');
    const all = [...(await homes(w, meterId)), ...(third.state.members.findId(meterId) >= 0 ? ['00002'] : [])];
    expect(all).toEqual([segment]);
    await w.deliver([w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    expect(await w.tally()).toMatchObject({ accepted: 1 });
  });

  it('carries over what enrolment says, and what it said while the meter was on its way', async () => {
    const w = await IngestWorld.make({ meters: 8, segmentSize: 4 });
    const { meterId } = w.town[0]!;
    const platform = w.world.as('maintenance');
    const segments = () => new Segments(platform);
    await segments().execute('00000', { type: 'LeaveMeter', meterId, toSegment: TO, at: FIRST_HOUR });
    await amendMeter(w.world.as('enrol'), segments(), meterId, { type: 'Quarantine', reason: 'test', at: FIRST_HOUR });
    await moveMeter(platform, meterId, TO);
    const { members } = (await segments().load(TO)).state;
    expect(members.at(members.findId(meterId))).toMatchObject({ status: 'quarantined' });
  });

  it('does not begin where there is no room', async () => {
    const w = await IngestWorld.make({ meters: 513 });
    const { meterId } = w.town[512]!;
    await expect(moveMeter(w.world.as('maintenance'), meterId, '00000')).rejects.toMatchObject({ code: 'ERR_SEGMENT_FULL' });
    expect(await homes(w, meterId)).toEqual([TO]);
  });
});
