import { randomBytes } from 'node:crypto';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { OperationCounts } from '../../platform/aws/operations.ts';
import { HOME, type SealedMeter, sealedTown, telemetryBody } from '../../test/support/sealed-town.ts';
import { lambdaContext, sqsEvent } from '../../test/support/sqs.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import type { Principal } from '../../topology/keys.ts';
import { ASSUMED } from './assumptions.ts';
import { AwsWorld } from './aws-world.ts';
import { countGateway } from './gateway.ts';
import type { Counts } from './pricing.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 15);
const RELAY = 'dc-0';
const STREAM = 'segment/00000';

/** What was asked of AWS while something was played. */
export interface Played {
  readonly meters: number;
  /** Readings, or handshakes. */
  readonly items: number;
  readonly messages: number;
  readonly counts: Counts;
  /** What lies in the table and in the bucket now and did not before, bytes. */
  readonly tableBytes: number;
  readonly objectBytes: number;
}

/** A day of readings, and what it takes to take that day's telemetry out again. */
export interface PlayedDay extends Played {
  readonly takenOut: Counts;
}

/**
 * A day of readings of one concentrator's meters through the function on the adapters of AWS: one reading a frame, one batch an interval,
 * after a day of warm-up.
 * @param environments of the function, that take batches in turn
 */
export async function playReadings(intervalMinutes: number, environments = 1): Promise<PlayedDay> {
  const world = await AwsWorld.at(START);
  const meters = await sealedTown((name) => world.as(name as Principal), {
    meters: ASSUMED.metersPerConcentrator,
    relays: [RELAY],
    at: START,
    asset: { ...HOME, intervalMinutes },
  });
  const town = new Town(world, meters, intervalMinutes, environments);
  await town.day(0);
  await takeOut(world, new OperationCounts());
  const [before, table, objects] = [town.counts.snapshot(), world.bytesOf('segment/'), bytesIn(world.objects)];
  await town.day(1);
  const played = {
    meters: meters.length,
    items: meters.length * town.batchesOfDay,
    messages: town.batchesOfDay,
    counts: since(before, town.counts.snapshot()),
    tableBytes: world.bytesOf('segment/') - table,
    objectBytes: bytesIn(world.objects) - objects,
  };
  const taking = new OperationCounts();
  await takeOut(world, taking);
  return { ...played, takenOut: taking.snapshot() };
}

class Town {
  readonly counts = new OperationCounts();
  readonly batchesOfDay: number;
  readonly #world: AwsWorld;
  readonly #meters: readonly SealedMeter[];
  readonly #minutes: number;
  readonly #handlers: ReturnType<typeof makeIngest>[];

  constructor(world: AwsWorld, meters: readonly SealedMeter[], minutes: number, environments: number) {
    this.#world = world;
    this.#meters = meters;
    this.#minutes = minutes;
    this.batchesOfDay = (24 * 60) / minutes;
    this.#handlers = Array.from({ length: environments }, () => makeIngest(world.as('ingest', this.counts), ALL_DEFENCES));
  }

  async day(day: number): Promise<void> {
    for (let n = 1; n <= this.batchesOfDay; n++) {
      this.#world.clock.advance(this.#minutes * 60_000);
      const at = this.#world.clock.now();
      const frames = this.#meters.map((meter, i) => meter.reading(at, [50 + (i % 50)], { minutes: this.#minutes, head: randomBytes(8) }));
      const body = telemetryBody(RELAY, at, day * this.batchesOfDay + n, frames);
      countGateway(this.counts, body);
      const { batchItemFailures } = await this.#handlers[n % this.#handlers.length]!(sqsEvent('telemetry', [body]), lambdaContext('ingest'));
      if (batchItemFailures.length > 0) throw new Error('a batch failed');
    }
    if (this.#world.clock.now() !== START + (day + 1) * DAY_MS) throw new Error('not a day');
  }
}

/** What retention asks for: every commit is read and held against its checkpoint, then the stream begins behind it. */
async function takeOut(world: AwsWorld, counts: OperationCounts): Promise<void> {
  const { events } = world.as('archive', counts);
  const anchor = await events.anchor(STREAM);
  let head = await events.head(STREAM);
  for await (const commit of events.read(STREAM, (anchor?.head.version ?? -1) + 1)) head = commit.head;
  await events.trim(head, randomBytes(32));
}

/** What was counted between two looks. */
export function since(before: Counts, after: Counts): Counts {
  return new Map(
    [...after].map(([kind, { calls, units }]) => {
      const earlier = before.get(kind) ?? { calls: 0, units: 0 };
      return [kind, { calls: calls - earlier.calls, units: units - earlier.units }];
    }),
  );
}

function bytesIn(objects: ReadonlyMap<string, Buffer>): number {
  return [...objects.values()].reduce((sum, body) => sum + body.length, 0);
}
