import { describe, expect, it } from 'vitest';
import { TallyFold } from '../../domain/telemetry/tally.ts';
import type { DomainEvent } from '../../events/index.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { QUARTER_MS, sealedTown, telemetryBody } from '../support/sealed-town.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';

const START = Date.UTC(2026, 0, 15, 10);
const HOUR = 4 * QUARTER_MS;
const AT = START + HOUR;

async function town() {
  const world = new MemoryWorld({ now: AT });
  const meters = await sealedTown((principal) => world.as(principal), { meters: 8, segmentSize: 4, relays: ['one', 'two'], at: START });
  return { world, meters };
}

function worker(world: MemoryWorld, moments = Number.POSITIVE_INFINITY, seed = 1) {
  const life = new Life(new Dice(seed), moments);
  const handler = makeIngest(mortal(world.as('ingest'), life), defencesUnderTest());
  /** @returns bodies that the queue will deliver again */
  const take = async (bodies: readonly string[]): Promise<string[]> => {
    const response = await handler(sqsEvent('telemetry', bodies), lambdaContext('ingest')).catch(() => undefined);
    const failed = new Set(failedIds(response));
    return life.dead || response === undefined ? [...bodies] : bodies.filter((_, i) => failed.has(`message-${i}`));
  };
  return { take, life };
}

async function tally(world: MemoryWorld) {
  const fold = new TallyFold();
  const events: DomainEvent[] = [];
  for await (const stream of world.events.streams('')) events.push(...world.events.eventsOf(stream));
  for (const event of events) fold.add(event);
  return fold.result();
}

describe('an ingest worker that dies', () => {
  it('at any moment of a batch of two segments leaves nothing undone and nothing done twice', async () => {
    let died = 0;
    let between = 0;
    for (let moments = 1; moments < 400; moments++) {
      const { world, meters } = await town();
      const body = telemetryBody('one', AT, 1, [...meters.map((meter) => meter.reading(AT, [1, 2, 3, 4])), Buffer.from('junk')]);
      const first = worker(world, moments, moments);
      const left = await first.take([body]);
      const { accepted } = await tally(world);
      if (accepted === 4) between++;
      if (first.life.dead) died++;
      else expect(left).toEqual([]);
      expect(await worker(world).take(left)).toEqual([]);
      expect(await tally(world)).toMatchObject({ accepted: 8, duplicate: 0, quarantined: 1 });
      // The first frame under an epoch confirms it, whoever died before that was told.
      for (const { meterId } of meters) {
        expect(world.events.eventsOf(`meter/${meterId}`).filter(({ type }) => type === 'EpochActivated')).toHaveLength(1);
      }
      if (!first.life.dead) break;
    }
    expect(died).toBeGreaterThan(20);
    expect(between, 'deaths between the commits of the two segments').toBeGreaterThan(0);
  });

  it('before the queue hears that a batch is recorded: its answers go out once more, unchanged', async () => {
    const { world, meters } = await town();
    const body = telemetryBody('one', AT, 1, [meters[0]!.reading(AT, [1, 2, 3, 4])]);
    await worker(world).take([body]);
    const answers = world.published.splice(0).map(({ payload }) => payload.toString('hex'));
    expect(answers.length).toBeGreaterThan(0);
    await worker(world).take([body]);
    expect(world.published.map(({ payload }) => payload.toString('hex'))).toEqual(answers);
    expect(await tally(world)).toMatchObject({ accepted: 1, duplicate: 0 });
  });

  it('is no loss to others: three workers on one queue and one segment, all batches counted once', async () => {
    const { world, meters } = await town();
    const bodies: string[] = [];
    for (let i = 1; i <= 60; i++) {
      const at = START + i * HOUR;
      world.clock.set(at);
      bodies.push(
        telemetryBody(
          i % 2 ? 'one' : 'two',
          at,
          i,
          meters.map((meter) => meter.reading(at, [i, 0, 0, 0])),
        ),
      );
    }
    const workers = [worker(world, undefined, 1), worker(world, undefined, 2), worker(world, undefined, 3)];
    let waiting = [...bodies, ...bodies.slice(0, 20)];
    for (let receives = 1; waiting.length > 0; receives++) {
      expect(receives, 'deliveries before a message goes to the dead letters').toBeLessThanOrEqual(3);
      const shares = workers.map((_, w) => waiting.filter((_body, i) => i % 3 === w));
      const chunks = workers.flatMap(({ take }, w) =>
        Array.from({ length: Math.ceil(shares[w]!.length / 10) }, (_, c) => take(shares[w]!.slice(c * 10, c * 10 + 10))),
      );
      waiting = (await Promise.all(chunks)).flat();
    }
    expect(await tally(world)).toMatchObject({ accepted: 480, duplicate: 0, quarantined: 0 });
  });
});
