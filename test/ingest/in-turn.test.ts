import { describe, expect, it } from 'vitest';
import { type SegmentSnapshot, takeSnapshot } from '../../domain/telemetry/snapshot.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { QUARTER_MS, telemetryBody } from '../support/sealed-town.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { IngestWorld, START } from './ingest-world.ts';

const SEGMENT = 'segment/00000';

/** Two workers, each with a memory of its own, and the versions of the segment's commits that were read. */
async function workers() {
  const w = await IngestWorld.make({ meters: 4 });
  const read: number[] = [];
  const { events } = w.world;
  const plain = events.read.bind(events);
  events.read = async function* (stream, from, access) {
    for await (const commit of plain(stream, from, access)) {
      if (stream === SEGMENT) read.push(commit.version);
      yield commit;
    }
  };
  const handlers = [0, 1].map(() => makeIngest(w.world.as('ingest'), defencesUnderTest()));
  let batch = 0;
  /** The next quarter-hour of all meters, taken by one of the two. @returns versions that it read */
  const take = async (worker: number): Promise<readonly number[]> => {
    const at = START + ++batch * QUARTER_MS;
    w.world.clock.set(at);
    const frames = w.town.map((meter) => meter.reading(at, [batch], { minutes: 15 }));
    w.framesSent += frames.length;
    read.length = 0;
    const body = telemetryBody('one', at, batch, frames);
    expect(failedIds(await handlers[worker]!(sqsEvent('telemetry', [body]), lambdaContext('ingest')))).toEqual([]);
    return [...read];
  };
  const lastVersions = async () => (await Array.fromAsync(plain(SEGMENT))).map(({ version }) => version);
  return { w, take, lastVersions };
}

const stateOf = async (segments: Segments): Promise<SegmentSnapshot> => takeSnapshot((await segments.load('00000')).state);

describe('two workers that take batches in turn', () => {
  it('read what the other has recorded, once, and nothing else', async () => {
    const { w, take, lastVersions } = await workers();
    for (const worker of [0, 1]) await take(worker);
    for (let n = 0; n < 8; n++) {
      const before = await lastVersions();
      expect(await take(n % 2)).toEqual([before.at(-1)]);
    }
    expect(await take(1)).toEqual([]);
    await w.reconciles();
    expect(await w.tally()).toMatchObject({ accepted: 44, duplicate: 0 });
  });

  it('catch up with several commits at a time', async () => {
    const { w, take, lastVersions } = await workers();
    for (const worker of [0, 1, 1, 1]) await take(worker);
    expect(await take(0)).toEqual((await lastVersions()).slice(-4, -1));
    await w.reconciles();
  });

  it('come to the state that a fold from the beginning comes to', async () => {
    const { w, take } = await workers();
    const reading = new Segments(w.world.as('ingest'));
    const warm = await reading.load('00000');
    for (const worker of [0, 1, 0, 1]) await take(worker);
    expect(await reading.ready(warm)).toBe(false);
    expect(await reading.ready(warm)).toBe(true);
    expect(await reading.load('00000')).toBe(warm);
    expect(await stateOf(reading)).toEqual(await stateOf(new Segments(w.world.as('ingest'))));
  });

  it('fold anew when the stream was put back and has grown another way', async () => {
    const { w, take } = await workers();
    await take(0);
    const putBack = w.world.events.backup();
    await take(0);
    const reading = new Segments(w.world.as('ingest'));
    const warm = await reading.load('00000');
    putBack();
    await take(1);
    await take(1);
    expect(await reading.ready(warm)).toBe(false);
    expect(await reading.load('00000')).not.toBe(warm);
    expect(await stateOf(reading)).toEqual(await stateOf(new Segments(w.world.as('ingest'))));
  });
});
