import { beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent, FramesAccepted } from '../../events/index.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { QUARTER_MS, type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';

const START = Date.UTC(2026, 0, 15, 10);

describe('ingest', () => {
  let world: MemoryWorld;
  let town: SealedMeter[];
  let handler: ReturnType<typeof makeIngest>;
  let sequence = 0;

  beforeEach(async () => {
    world = new MemoryWorld({ now: START });
    town = await sealedTown((principal) => world.as(principal), { meters: 8, relays: ['one', 'two'], at: START });
    handler = makeIngest(world.as('ingest'), defencesUnderTest());
    sequence = 0;
  });

  const deliver = async (dcId: string, frames: Buffer[], at = START + 4 * QUARTER_MS) => {
    const body = telemetryBody(dcId, at, ++sequence, frames);
    const failed = failedIds(await handler(sqsEvent('telemetry', [body]), lambdaContext('ingest')));
    expect(failed, JSON.stringify(world.logged)).toEqual([]);
    return body;
  };

  const events = async (stream = 'segment/00000'): Promise<DomainEvent[]> => {
    const found: DomainEvent[] = [];
    for await (const commit of world.as('ingest').events.read(stream)) found.push(...commit.events);
    return found;
  };
  const accepted = async (): Promise<FramesAccepted[]> =>
    (await events()).filter((event) => event.type === 'FramesAccepted').map((event) => event.data as FramesAccepted);
  const counted = async () => {
    let frames = 0;
    let duplicates = 0;
    for (const event of await accepted()) {
      frames += event.frames.count;
      duplicates += event.duplicates;
    }
    return { frames, duplicates };
  };

  it('records a batch as one commit in columns', async () => {
    await deliver(
      'one',
      town.map((meter) => meter.reading(START + 4 * QUARTER_MS, [1, 2, 3, 4])),
    );
    expect(await counted()).toEqual({ frames: 8, duplicates: 0 });
    expect((await accepted()).length).toBe(1);
  });

  it('T8-P1: one frame a thousand times over several concentrators is one reading', async () => {
    const frame = town[0]!.reading(START + 4 * QUARTER_MS, [1, 2, 3, 4]);
    for (let i = 0; i < 10; i++)
      await deliver(
        i % 2 ? 'one' : 'two',
        Array.from({ length: 100 }, () => frame),
      );
    expect(await counted()).toEqual({ frames: 1, duplicates: 999 });
  });

  it('counts a redelivered batch nowhere and sends its recorded answers again, unchanged', async () => {
    const body = await deliver('one', [town[0]!.reading(START + 4 * QUARTER_MS, [1, 2, 3, 4])]);
    const before = world.published.map(({ payload }) => payload.toString('hex'));
    expect(before.length).toBeGreaterThan(0);
    await handler(sqsEvent('telemetry', [body]), lambdaContext('ingest'));
    expect(await counted()).toEqual({ frames: 1, duplicates: 0 });
    expect(world.published.map(({ payload }) => payload.toString('hex'))).toEqual([...before, ...before]);
  });

  it('is exact for a worker that folded the stream from its start', async () => {
    const frames = town.map((meter) => meter.reading(START + 4 * QUARTER_MS, [1, 2, 3, 4]));
    await deliver('one', frames);
    handler = makeIngest(world.as('ingest'), defencesUnderTest());
    await deliver('two', frames);
    expect(await counted()).toEqual({ frames: 8, duplicates: 8 });
  });
});
