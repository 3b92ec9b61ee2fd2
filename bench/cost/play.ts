import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { OperationCounts } from '../../platform/aws/operations.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { makeScene } from '../../test/keys/scene.ts';
import { HOME, type SealedMeter, sealedTown, telemetryBody } from '../../test/support/sealed-town.ts';
import { lambdaContext, sqsEvent } from '../../test/support/sqs.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import type { KmsOperation } from '../../topology/keys.ts';
import { ASSUMED } from './assumptions.ts';
import { chunks, countingPlatform, countKeyCall, type Stored } from './counting-platform.ts';
import type { Counts } from './pricing.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 15);
const IOT_UNIT = 5 * 1_024;
const QUEUE_UNIT = 64 * 1_024;
/** Slow enough not to be a flood of one concentrator's. */
const BETWEEN_HELLOS_MS = 10_000;

/** What was asked of AWS while something was played. */
export interface Played {
  readonly meters: number;
  /** Readings, or handshakes. */
  readonly items: number;
  readonly messages: number;
  readonly counts: Counts;
  /** Bytes of telemetry recorded. */
  readonly storedBytes: number;
}

/**
 * A day of readings of one concentrator's meters, one reading a frame, one batch an interval, after a day of warm-up. What the gateway and
 * the event source do beside the function is counted as they are billed: rule and action, send, receive, delete.
 * @param environments of the function, that take batches in turn
 */
export async function playReadings(intervalMinutes: number, environments = 1): Promise<Played> {
  const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-cost-'));
  const clock = { at: START };
  const heard: OperationCounts[] = [];
  const platform = await createEmbeddedPlatform({
    stateDir,
    clock: { now: () => clock.at },
    timer: false,
    onKmsCall: ({ operation }) => {
      for (const counts of heard) countKeyCall(counts, operation);
    },
  });
  try {
    const asset = { ...HOME, intervalMinutes };
    const meters = await sealedTown((name) => platform.as(name), {
      meters: ASSUMED.metersPerConcentrator,
      relays: ['dc-0'],
      at: START,
      asset,
    });
    const warmUp = new Metered(platform, environments);
    await warmUp.day(meters, clock, intervalMinutes, 0);
    return await warmUp.measured(heard, () => warmUp.day(meters, clock, intervalMinutes, 1));
  } finally {
    await platform.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** The ingest function on counting platforms, one each for its environments. */
class Metered {
  #counts = new OperationCounts();
  readonly #stored: Stored = { segmentBytes: 0 };
  readonly #handlers: ReturnType<typeof makeIngest>[];
  #messages = 0;
  #readings = 0;

  constructor(platform: Embedded, environments: number) {
    const relayed = { count: (...args: Parameters<OperationCounts['count']>) => this.#counts.count(...args) } as OperationCounts;
    this.#handlers = Array.from({ length: environments }, () =>
      makeIngest(countingPlatform(platform.as('ingest'), relayed, this.#stored), ALL_DEFENCES),
    );
  }

  async day(meters: readonly SealedMeter[], clock: { at: number }, minutes: number, day: number): Promise<void> {
    const batches = (24 * 60) / minutes;
    for (let n = 1; n <= batches; n++) {
      clock.at = START + day * DAY_MS + n * minutes * 60_000;
      const frames = meters.map((meter, i) => meter.reading(clock.at, [50 + (i % 50)], { minutes, head: randomBytes(8) }));
      const payload = telemetryBody('dc-0', clock.at, day * batches + n, frames);
      countGateway(this.#counts, payload);
      const handler = this.#handlers[n % this.#handlers.length]!;
      const { batchItemFailures } = await handler(sqsEvent('telemetry', [payload]), lambdaContext('ingest'));
      if (batchItemFailures.length > 0) throw new Error('cost: a batch failed');
      this.#messages++;
      this.#readings += frames.length;
    }
  }

  /** Counts from zero while `work` runs. */
  async measured(heard: OperationCounts[], work: () => Promise<void>): Promise<Played> {
    this.#counts = new OperationCounts();
    heard.push(this.#counts);
    [this.#messages, this.#readings, this.#stored.segmentBytes] = [0, 0, 0];
    await work();
    return {
      meters: ASSUMED.metersPerConcentrator,
      items: this.#readings,
      messages: this.#messages,
      counts: this.#counts.snapshot(),
      storedBytes: this.#stored.segmentBytes,
    };
  }
}

/** A message's way from the gateway to the function: the rule, its action, and the queue's send, receive and delete. */
function countGateway(counts: OperationCounts, body: string): void {
  counts.count('iot.rule', 2 * chunks(body.length, IOT_UNIT));
  for (const units of [chunks(body.length, QUEUE_UNIT), chunks(body.length, QUEUE_UNIT), 1]) counts.count('sqs.request', units);
}

/** New epochs for meters that have one: a HELLO each, one a message. Keys are loaded before. */
export async function playHandshakes(meters = 50): Promise<Played> {
  const scene = await makeScene({ meters, defences: ALL_DEFENCES });
  const counts = new OperationCounts();
  const stored: Stored = { segmentBytes: 0 };
  const handler = makeKeys(countingPlatform(scene.world.as('keys'), counts, stored), ALL_DEFENCES);
  const say = async (epoch: number) => {
    for (const meter of scene.meters) {
      const body = scene.body('north-1', (await meter.hello(epoch)).hello.bytes);
      countGateway(counts, body);
      await handler(sqsEvent('handshake', [body]), lambdaContext('keys'));
      scene.world.clock.advance(BETWEEN_HELLOS_MS);
    }
  };
  await say(1);
  const answered = scene.allDown().length;
  if (answered < meters) throw new Error(`cost: ${answered} of ${meters} meters were answered`);
  const before = counts.snapshot();
  scene.world.kms.calls.length = 0;
  await say(2);
  if (scene.allDown().length < meters) throw new Error('cost: a meter was not answered');
  for (const call of scene.world.kms.calls) countKeyCall(counts, call.split(' ')[1] as KmsOperation);
  return { meters, items: meters, messages: meters, counts: since(before, counts.snapshot()), storedBytes: stored.segmentBytes };
}

function since(before: Counts, after: Counts): Counts {
  return new Map(
    [...after].map(([kind, { calls, units }]) => {
      const earlier = before.get(kind) ?? { calls: 0, units: 0 };
      return [kind, { calls: calls - earlier.calls, units: units - earlier.units }];
    }),
  );
}
