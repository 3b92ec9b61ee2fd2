import { describe, expect, it } from 'vitest';
import { stillOpen } from '../../lambdas/ingest/batch-history.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { RefusalGroups } from '../../lambdas/ingest/refusal-groups.ts';
import { readTelemetryMessage } from '../../lambdas/ingest/telemetry-message.ts';
import { moveMeter } from '../../lambdas/maintenance/move-meter.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { WarmStreams } from '../../lambdas/shared/streams.ts';
import { readBatch } from '../../protocol/batch.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { HOME, SealedMeter, telemetryBody } from '../support/sealed-town.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { FIRST_HOUR, IngestWorld } from './ingest-world.ts';

/** One-frame batches that name nobody of ours. */
function junk(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => telemetryBody('one', FIRST_HOUR, from + i + 1, [Buffer.from(`junk ${from + i}`)]));
}

/** One-frame batches of damaged frames of a meter of ours. */
function damaged(w: IngestWorld, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => {
    const frame = w.town[0]!.reading(FIRST_HOUR, [1, 1, 1, 1]);
    frame[60]! ^= 1;
    return telemetryBody('one', FIRST_HOUR, from + i + 1, [frame]);
  });
}

async function commits(w: IngestWorld, stream: string): Promise<number> {
  let count = 0;
  for await (const _ of w.world.as('ingest').events.read(stream)) count++;
  return count;
}

describe('refusals of a slow flood', () => {
  it('T8.1-4: cost one commit for all messages of an invocation, and every batch is counted once', async () => {
    const w = await IngestWorld.make();
    const before = await commits(w, 'segment/00000');
    const bodies: string[] = [];
    for (let event = 0; event < 20; event++) {
      const more = [...junk(5, 1_000 + event * 5), ...damaged(w, 5, 2_000 + event * 5)];
      bodies.push(...more);
      await w.deliverBodies(more);
    }
    const counted = { 'frame-layout': 100, 'not-authentic': 100 };
    expect((await w.tally()).refusedByReason).toEqual(counted);
    expect(await commits(w, 'relay/one')).toBeLessThanOrEqual(22);
    expect((await commits(w, 'segment/00000')) - before).toBeLessThanOrEqual(22);
    await w.deliverBodies(bodies.slice(-100));
    w.restart();
    await w.deliverBodies(bodies.slice(-100));
    expect((await w.tally()).refusedByReason).toEqual(counted);
  });

  it('T8.1-4: fit their commits, however much of them is kept', async () => {
    const w = await IngestWorld.make();
    const large = Array.from({ length: 30 }, (_, i) =>
      telemetryBody(
        'one',
        FIRST_HOUR,
        i + 1,
        Array.from({ length: 100 }, (_frame, n) => Buffer.alloc(500, i * 100 + n)),
      ),
    );
    await w.deliverBodies(large);
    expect((await w.tally()).quarantined).toBe(3_000);
  });

  it('count a batch once that is delivered several times at once, whatever lies between', async () => {
    for (let turns = 0; turns < 8; turns++) {
      const w = await IngestWorld.make();
      const bodies = [...junk(3), ...damaged(w, 3, 100)];
      const handler = makeIngest(w.world.as('ingest'), defencesUnderTest());
      const deliveries: Promise<string[]>[] = [];
      for (let delivery = 0; delivery < 3; delivery++) {
        const event = sqsEvent('telemetry', [...bodies, ...bodies]);
        deliveries.push(handler(event, lambdaContext('ingest')).then((response) => failedIds(response)));
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await Promise.all(deliveries)).flat()).toEqual([]);
      expect((await w.tally()).refusedByReason, `${turns} turns`).toEqual({ 'frame-layout': 3, 'not-authentic': 3 });
    }
  });

  it('count each frame once when its meter moves on between judging and recording', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const w = await IngestWorld.make({ meters: 8, segmentSize: 4 });
      const bodies = damaged(w, 3);
      const handler = makeIngest(w.world.as('ingest'), defencesUnderTest());
      const moving = moveMeter(w.world.as('maintenance'), w.town[0]!.meterId, '00001');
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const failed = failedIds(await handler(sqsEvent('telemetry', bodies), lambdaContext('ingest')));
      await moving;
      const again = bodies.filter((_, i) => failed.includes(`message-${i}`));
      await w.deliverBodies(again);
      await w.deliverBodies(bodies);
      expect((await w.tally()).refusedByReason, `${turns} turns`).toEqual({ 'not-authentic': 3 });
    }
  });

  it('survive a worker that dies at any moment: what comes again is counted once', async () => {
    let died = 0;
    for (let moments = 1; moments < 300; moments++) {
      const w = await IngestWorld.make();
      const bodies = [...junk(3), ...damaged(w, 3, 100)];
      const life = new Life(new Dice(moments), moments);
      const mortalIngest = makeIngest(mortal(w.world.as('ingest'), life), defencesUnderTest());
      await mortalIngest(sqsEvent('telemetry', bodies), lambdaContext('ingest')).catch(() => undefined);
      await w.deliverBodies(bodies);
      expect((await w.tally()).refusedByReason, `${moments} moments`).toEqual({ 'frame-layout': 3, 'not-authentic': 3 });
      if (!life.dead) break;
      died++;
    }
    expect(died).toBeGreaterThan(20);
  });
});

describe('a refused portion that waits for its group', () => {
  const CONFLICT = { code: 'ERR_VERSION_CONFLICT', retryable: true };

  async function waiting() {
    const w = await IngestWorld.make();
    const platform = w.world.as('ingest');
    const segments = new Segments(platform);
    const groups = new RefusalGroups(platform, segments, new WarmStreams(10));
    const message = readTelemetryMessage(damaged(w, 1)[0]!);
    const batch = readBatch(message.bytes);
    const portion = { message, batch, frames: [0], meters: Int32Array.of(0), olderTags: new Map<number, number>() };
    const ref = { dcId: 'one', sequence: 1, digest: message.digest.subarray(0, 8) };
    const data = { batch: ref, brokerTime: FIRST_HOUR, counts: { 'not-authentic': 1 }, hashes: [], raws: [] };
    const record = async () => groups.record(await segments.load('00000'), portion, { type: 'FramesRefused', data });
    return { w, segments, record };
  }

  it('is judged anew when the batch was recorded meanwhile', async () => {
    const { w, record } = await waiting();
    await record();
    await expect(record()).rejects.toMatchObject(CONFLICT);
    expect((await w.tally()).quarantined).toBe(1);
  });

  it('is judged anew when its meter has left the segment meanwhile', async () => {
    const { w, segments, record } = await waiting();
    const recording = record();
    const { meterId } = w.town[0]!;
    await segments.execute('00000', { type: 'LeaveMeter', meterId, toSegment: '00001', at: FIRST_HOUR });
    await expect(recording).rejects.toMatchObject(CONFLICT);
    expect((await w.tally()).quarantined).toBe(0);
  });

  it('is judged anew when another meter of the batch has come meanwhile', async () => {
    const w = await IngestWorld.make({ meters: 4, segmentSize: 8 });
    const segments = new Segments(w.world.as('ingest'));
    const late = new SealedMeter('0a0b0c0000000007', '00000', ['one']);
    const { bytes } = readTelemetryMessage(
      telemetryBody('one', FIRST_HOUR, 1, [w.town[0]!.reading(FIRST_HOUR, [1]), late.reading(FIRST_HOUR, [1])]),
    );
    const portion = {
      message: { dcId: 'one', brokerTime: FIRST_HOUR, bytes, digest: Buffer.alloc(32) },
      batch: readBatch(bytes),
      frames: [0],
    };
    const state = async () => (await segments.load('00000')).state;
    expect(stillOpen(await state(), { ...portion, meters: Int32Array.of(0, 1) })).toBe(true);
    await segments.execute('00000', { type: 'JoinMeter', meterId: late.meterId, asset: HOME, relays: [], at: FIRST_HOUR });
    expect(stillOpen(await state(), { ...portion, meters: Int32Array.of(0, 1) })).toBe(false);
  });

  it('is judged anew when another writer was faster', async () => {
    const { w, record } = await waiting();
    const recording = record();
    await w.amend('00000', { type: 'AmendMember', meterId: w.town[1]!.meterId, status: 'quarantined', at: FIRST_HOUR });
    await expect(recording).rejects.toMatchObject(CONFLICT);
    await record();
    expect((await w.tally()).quarantined).toBe(1);
  });
});
