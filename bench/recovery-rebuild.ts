import { TallyFold } from '../domain/telemetry/tally.ts';
import { makeIngest } from '../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { MODELS, rebuildModel } from '../lambdas/project/rebuild.ts';
import { plusDays } from '../lambdas/shared/days/local-days.ts';
import type { Embedded } from '../platform/embedded/platform.ts';
import type { Platform } from '../platform/ports/platform.ts';
import { lambdaContext, sqsEvent } from '../test/support/sqs.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { onPlatform } from './durable-ingest.ts';
import { atMost, type Result } from './measure.ts';
import { closeDays, openHomes, openPrices } from './portal/homes.ts';
import { enrolled, HOUR, hourOfMessages, PER_EVENT, READINGS, START } from './sealed-load.ts';

/** An epoch's keys last 14 days: ten million readings are 250 hours of so many meters. */
const METERS = 10_000;
const READINGS_OF_DAY = 96;
const DAYS_OF_HOME = 200;
const FIRST_DAY = '2025-06-01';
const FOR_ALL_S = 60;
const ALL = 10_000_000;

/**
 * Every read model made anew from the streams, one after the other, in seconds of one core: so many readings as telemetry, and as many as closed
 * days. The goal of 60 s is that of ten million; of fewer, as much less.
 */
export async function rebuilding(readings: number): Promise<Result[]> {
  return onPlatform(async (platform, clock) => {
    await takeIn(platform, clock, readings);
    await closeAll(platform, clock, readings);
    const project = platform.as('project');
    const results: Result[] = [];
    let total = 0;
    for (const model of MODELS) {
      const before = process.cpuUsage();
      await rebuildModel(project, model);
      const { user, system } = process.cpuUsage(before);
      const seconds = (user + system) / 1e6;
      total += seconds;
      results.push({ name: `of which ${model}`, value: seconds, unit: 's' });
    }
    const label = `rebuild of every read model, ${readings.toLocaleString('en')} readings, processor time`;
    return [atMost(label, total, 's', (FOR_ALL_S * readings) / ALL), ...results];
  });
}

async function takeIn(platform: Embedded, clock: { at: number }, readings: number): Promise<void> {
  const groups = await enrolled((principal) => platform.as(principal), METERS);
  const ingest = makeIngest(platform.as('ingest'), ALL_DEFENCES, { limits: INGEST_LIMITS });
  const hours = Math.ceil(readings / (METERS * READINGS));
  for (let hour = 1; hour <= hours; hour++) {
    clock.at = START + hour * HOUR;
    const bodies = hourOfMessages(groups, hour);
    for (let from = 0; from < bodies.length; from += PER_EVENT) {
      const response = await ingest(sqsEvent('telemetry', bodies.slice(from, from + PER_EVENT)), lambdaContext('ingest'));
      if (response.batchItemFailures.length > 0) throw new Error('benchmark: a batch failed');
    }
  }
  const accepted = await framesAccepted(platform.as('auditor'));
  if (accepted !== hours * METERS) throw new Error(`benchmark: ${accepted} of ${hours * METERS} frames accepted`);
}

async function framesAccepted({ events }: Platform): Promise<number> {
  const tally = new TallyFold();
  for await (const stream of events.streams('segment/')) {
    for await (const commit of events.read(stream)) for (const event of commit.events) tally.add(event);
  }
  return tally.result().accepted;
}

async function closeAll(platform: Embedded, clock: { at: number }, readings: number): Promise<void> {
  const as = (principal: string) => platform.as(principal);
  await openPrices(as, clock.at);
  const homes = Math.ceil(readings / (READINGS_OF_DAY * DAYS_OF_HOME));
  const meterIds = Array.from({ length: homes }, (_, n) => (0x0b0b_0c00_0000_0000n + BigInt(n)).toString(16).padStart(16, '0'));
  const dates = { from: FIRST_DAY, until: plusDays(FIRST_DAY, DAYS_OF_HOME) };
  let days = 0;
  for (const home of await openHomes(as, meterIds, dates)) days += await closeDays(as, home, dates);
  if (days * READINGS_OF_DAY < readings) throw new Error(`benchmark: ${days} days are fewer than ${readings} readings`);
}
