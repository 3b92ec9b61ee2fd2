import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeIngest } from '../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { createEmbeddedPlatform, type Embedded } from '../platform/embedded/platform.ts';
import { readBatch } from '../protocol/batch.ts';
import { FrameOpener } from '../protocol/frame.ts';
import { epochKeys, generationOf } from '../protocol/keys.ts';
import type { SealedMeter } from '../test/support/sealed-town.ts';
import { lambdaContext, sqsEvent } from '../test/support/sqs.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { atLeast, median, type Result } from './measure.ts';
import { CYCLE, enrolled, HOUR, hourOfMessages, PER_EVENT, READINGS, START } from './sealed-load.ts';

/** The first hours fold segments, load keys and answer first frames. */
const WARM_UP = 4;

/** An embedded platform in a folder of its own that goes away afterwards. */
export async function onPlatform<T>(work: (platform: Embedded, clock: { at: number }) => Promise<T>): Promise<T> {
  const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const clock = { at: START };
  const platform = await createEmbeddedPlatform({ stateDir, clock: { now: () => clock.at }, timer: false });
  try {
    return await work(platform, clock);
  } finally {
    await platform.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Sealed batches of 500 frames of 4 readings from the queue's message to the fsynced commit, on one thread. */
export async function durableIngest(cycles: number): Promise<Result[]> {
  const { rates, bounds } = await ingestRates(5_000, cycles);
  const share = median(rates.map((rate, i) => rate / bounds[i]!));
  return [
    atLeast('durable ingest, one thread', median(rates), 'readings/s', 300_000),
    { name: 'bound: open and commit alone', value: median(bounds), unit: 'readings/s' },
    atLeast('durable ingest to its bound', share, 'ratio', 0.5),
  ];
}

/** Readings a second over whole cycles of answers, once keys and segments are loaded: every meter is answered once in each. */
async function ingestRates(meters: number, cycles: number): Promise<{ rates: number[]; bounds: number[] }> {
  return onPlatform(async (platform, clock) => {
    const groups = await enrolled((principal) => platform.as(principal), meters);
    const handler = makeIngest(platform.as('ingest'), ALL_DEFENCES, { limits: INGEST_LIMITS });
    const hours: { ingest: number; bound: number }[] = [];
    // All sealed beforehand: the meters' work, and its garbage, is not the service's.
    const messages: (string[] | undefined)[] = Array.from({ length: cycles * CYCLE + WARM_UP }, (_, n) => hourOfMessages(groups, n + 1));
    for (let n = 0; n < messages.length; n++) {
      const bodies = messages[n]!;
      messages[n] = undefined;
      clock.at = START + (n + 1) * HOUR;
      const started = performance.now();
      for (let from = 0; from < bodies.length; from += PER_EVENT) {
        const response = await handler(sqsEvent('telemetry', bodies.slice(from, from + PER_EVENT)), lambdaContext('ingest'));
        if (response.batchItemFailures.length > 0) throw new Error('benchmark: a batch failed');
      }
      const through = performance.now();
      await openAndCommit(platform, bodies, groups);
      if (n >= WARM_UP) hours.push({ ingest: through - started, bound: performance.now() - through });
    }
    const rate = (cycle: number, of: 'ingest' | 'bound') => {
      const part = hours.slice(cycle * CYCLE, (cycle + 1) * CYCLE);
      return (meters * READINGS * CYCLE) / (part.reduce((sum, hour) => sum + hour[of], 0) / 1000);
    };
    const numbers = Array.from({ length: cycles }, (_, cycle) => cycle);
    return { rates: numbers.map((cycle) => rate(cycle, 'ingest')), bounds: numbers.map((cycle) => rate(cycle, 'bound')) };
  });
}

/** The least that has to be done with the same bytes: open each frame, commit as much, in the same groups. */
async function openAndCommit(platform: Embedded, bodies: readonly string[], groups: readonly (readonly SealedMeter[])[]): Promise<void> {
  const { events } = platform.as('ingest');
  const opener = new FrameOpener();
  const keys = boundKeys(groups);
  for (let from = 0; from < bodies.length; from += PER_EVENT) {
    const durables: Promise<unknown>[] = [];
    for (let n = from; n < Math.min(bodies.length, from + PER_EVENT); n++) {
      const batch = readBatch(Buffer.from((JSON.parse(bodies[n]!) as { batch: string }).batch, 'base64'));
      for (let i = 0; i < batch.count; i++) {
        if (opener.open(batch.bytes, batch.offset[i]!, batch.length[i]!, keys[n]![i]!) === undefined)
          throw new Error('benchmark: a frame did not open');
      }
      const head = await events.head(`relay/bound-${n}`);
      const data = {
        batch: { dcId: 'bound', sequence: 1, digest: Buffer.alloc(8) },
        brokerTime: 0,
        counts: {},
        hashes: [],
        raws: [batch.bytes],
      };
      const commit = {
        commitId: Buffer.from(crypto.getRandomValues(new Uint8Array(32))),
        events: [{ type: 'JunkCounted' as const, data }],
      };
      durables.push(events.append(head, commit).durable);
    }
    await Promise.all(durables);
  }
}

const known = new WeakMap<object, ReturnType<typeof generationOf>[][]>();

function boundKeys(groups: readonly (readonly SealedMeter[])[]): ReturnType<typeof generationOf>[][] {
  let keys = known.get(groups);
  if (keys === undefined) {
    keys = groups.map((meters) => meters.map(({ secret }) => generationOf(epochKeys(secret).chain0, 0)));
    known.set(groups, keys);
  }
  return keys;
}
