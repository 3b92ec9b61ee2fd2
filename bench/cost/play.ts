import { randomBytes } from 'node:crypto';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { relay } from '../../domain/enrolment/relay.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeProject } from '../../lambdas/project/handler.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { numberOf, type Row, sizeOf } from '../../platform/aws/dynamo/row.ts';
import { OperationCounts } from '../../platform/aws/operations.ts';
import { AwsWorld } from '../../test/aws/services/support/aws-world.ts';
import { HOME, type SealedMeter, sealedTown, telemetryBody } from '../../test/support/sealed-town.ts';
import { lambdaContext, sqsEvent } from '../../test/support/sqs.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import type { Principal } from '../../topology/principals.ts';
import { ASSUMED } from './assumptions.ts';
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
  /** Each an invocation. */
  readonly messages: number;
  readonly counts: Counts;
}

/** A day of readings. Bytes are those that lie there after it and did not before. */
export interface PlayedDay extends Played {
  readonly tableBytes: number;
  readonly objectBytes: number;
  /** What it takes to follow that day's commits in the read models. */
  readonly followed: Counts;
  readonly modelBytes: number;
  /** What it takes to take that day's telemetry out again. */
  readonly takenOut: Counts;
}

/**
 * A day of readings of one concentrator's meters through the functions on the adapters of AWS: one reading a frame, one batch an interval,
 * after a day of warm-up.
 * @param environments of the function, that take batches in turn @param meters frames of a batch
 */
export async function playReadings(
  intervalMinutes: number,
  environments = 1,
  meters: number = ASSUMED.metersPerConcentrator,
): Promise<PlayedDay> {
  const world = await AwsWorld.at(START);
  const sealed = await sealedTown((name) => world.as(name as Principal), {
    meters,
    relays: [RELAY],
    at: START,
    asset: { ...HOME, intervalMinutes },
  });
  const registration = { type: 'RegisterRelay' as const, dcId: RELAY, fingerprint: 'registered by the day before', at: START };
  await runDecider(world.as('enrol').events, `relay/${RELAY}`, relay, registration);
  const town = new Town(world, sealed, intervalMinutes, environments);
  await town.day(0);
  const yesterday = await world.as('archive').events.head(STREAM);
  const before = town.standing();
  await town.day(1);
  const after = town.standing();
  await world.as('archive').events.trim(yesterday, randomBytes(32));
  const taking = new OperationCounts();
  await takeOut(world, taking, yesterday.version + 1);
  return {
    meters,
    items: meters * town.batchesOfDay,
    messages: town.batchesOfDay,
    counts: since(before.counts, after.counts),
    followed: since(before.followed, after.followed),
    tableBytes: after.tableBytes - before.tableBytes,
    objectBytes: after.objectBytes - before.objectBytes,
    modelBytes: after.modelBytes - before.modelBytes,
    takenOut: taking.snapshot(),
  };
}

class Town {
  readonly batchesOfDay: number;
  readonly #counts = new OperationCounts();
  readonly #followed = new OperationCounts();
  readonly #world: AwsWorld;
  readonly #meters: readonly SealedMeter[];
  readonly #minutes: number;
  readonly #ingest: ReturnType<typeof makeIngest>[];
  readonly #project: ReturnType<typeof makeProject>;
  /** Commits that the read models know. */
  #known = 0;

  constructor(world: AwsWorld, meters: readonly SealedMeter[], minutes: number, environments: number) {
    this.#world = world;
    this.#meters = meters;
    this.#minutes = minutes;
    this.batchesOfDay = (24 * 60) / minutes;
    this.#ingest = Array.from({ length: environments }, () => makeIngest(world.as('ingest', this.#counts), ALL_DEFENCES));
    this.#project = makeProject(world.as('project', this.#followed), ALL_DEFENCES);
  }

  async day(day: number): Promise<void> {
    for (let n = 1; n <= this.batchesOfDay; n++) {
      this.#world.clock.advance(this.#minutes * 60_000);
      await this.#batch(day * this.batchesOfDay + n);
      await this.#follow();
    }
    if (this.#world.clock.now() !== START + (day + 1) * DAY_MS) throw new Error('not a day');
  }

  standing() {
    const bytes = (rows: readonly Row[]) => rows.reduce((sum, row) => sum + sizeOf(row), 0);
    return {
      counts: this.#counts.snapshot(),
      followed: this.#followed.snapshot(),
      tableBytes: bytes(this.#world.rows('events', STREAM)),
      objectBytes: this.#world.objectBytes(),
      modelBytes: bytes(this.#world.rows('models')),
    };
  }

  async #batch(sequence: number): Promise<void> {
    const at = this.#world.clock.now();
    const frames = this.#meters.map((meter, i) => meter.reading(at, [50 + (i % 50)], { minutes: this.#minutes, head: randomBytes(8) }));
    const body = telemetryBody(RELAY, at, sequence, frames);
    countGateway(this.#counts, Buffer.byteLength((JSON.parse(body) as { batch: string }).batch, 'base64'), body);
    const handler = this.#ingest[sequence % this.#ingest.length]!;
    const { batchItemFailures } = await handler(sqsEvent('telemetry', [body]), lambdaContext('ingest'));
    if (batchItemFailures.length > 0) throw new Error('a batch failed');
  }

  /** One invocation for what is new, as the change stream would have it. */
  async #follow(): Promise<void> {
    const fresh = this.#world.rows('events', STREAM).filter((row) => row['keyId'] !== undefined && numberOf(row, 'sk') >= this.#known);
    const records = fresh.map((NewImage, i) => ({
      eventID: String(i),
      eventName: 'INSERT' as const,
      dynamodb: { Keys: { pk: NewImage['pk']!, sk: NewImage['sk']! }, NewImage, SequenceNumber: String(i) },
    }));
    const event = { Records: records } as unknown as DynamoDBStreamEvent;
    const { batchItemFailures } = await this.#project(event, lambdaContext('project'));
    if (batchItemFailures.length > 0) throw new Error('the read models did not follow');
    this.#known = Math.max(this.#known, ...fresh.map((row) => numberOf(row, 'sk') + 1));
  }
}

/**
 * What retention asks for: every commit is read to find the checkpoint that is old enough, read again and held against it, then the
 * stream begins behind it.
 */
async function takeOut(world: AwsWorld, counts: OperationCounts, from: number): Promise<void> {
  const { events } = world.as('archive', counts);
  let head = await events.head(STREAM);
  for (const _pass of ['found', 'checked']) for await (const commit of events.read(STREAM, from)) head = commit.head;
  await events.trim(head, randomBytes(32));
}

/** Calls of the key service. */
export function keyCallsOf({ counts }: Played): number {
  return (counts.get('kms.symmetric')?.calls ?? 0) + (counts.get('kms.asymmetric')?.calls ?? 0);
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
