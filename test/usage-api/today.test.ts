import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Today, Usage } from '../../api/customer-usage.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeProject } from '../../lambdas/project/handler.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { makeUsageApi } from '../../lambdas/usage-api/handler.ts';
import { apiEvent } from '../../platform/doors/api-event.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { matchRoute } from '../../topology/routes.ts';
import { closePart } from '../billing/closed-homes.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { HOME, QUARTER_MS, type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';
import { customerOf } from '../support/signed-in.ts';
import { lambdaContext, sqsEvent } from '../support/sqs.ts';

const ZONE = 'Europe/London';
const DAY = '2026-11-20';
const MIDNIGHT = localDay(DAY, ZONE).start * 1000;
const NOON = MIDNIGHT + 12 * 3_600_000;
const SINCE = localDay('2026-10-01', ZONE).start * 1000;

let directory: string;
let clock: ManualClock;
let embedded: Embedded;
let town: readonly SealedMeter[];

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(MIDNIGHT);
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock, timer: false, retryMs: 1, defences: defencesUnderTest() });
  town = await sealedTown((principal) => embedded.as(principal), { meters: 2, at: MIDNIGHT });
  const entries = town.map(({ meterId }, i) => ({
    ...{ usagePoint: `home-${i + 1}`, premises: `p-${i + 1}`, zone: ZONE, areaLeaf: 'area-1', meterClass: 'residential' as const },
    ...{ meter: { meterId, from: SINCE, asset: HOME }, tenant: { accountId: `acc-${i + 1}`, from: SINCE } },
  }));
  await openPoints(embedded.as('enrol'), entries);
});

afterEach(async () => {
  await embedded.close();
  discard(directory);
});

/** Quarter-hours of a home up to an instant, UTC ms; null = the meter measured none. */
async function deliver(home: number, end: number, deltas: readonly (number | null)[]): Promise<void> {
  const ingest = makeIngest(embedded.as('ingest'), defencesUnderTest());
  const frames: Buffer[] = [];
  for (let from = 0; from < deltas.length; from += 4) {
    const some = deltas.slice(from, from + 4);
    frames.push(town[home - 1]!.reading(end - (deltas.length - from - some.length) * QUARTER_MS, some));
  }
  const body = telemetryBody('one', clock.now(), frames.length, frames);
  await ingest(sqsEvent('telemetry', [body]), lambdaContext('ingest'));
}

async function project(): Promise<void> {
  await embedded.host.start({ queues: {}, feeds: { project: makeProject(embedded.as('project'), defencesUnderTest()) } });
  await embedded.host.drain();
  await embedded.host.stop();
}

async function close(day: string, wh: number): Promise<void> {
  const { start, end } = localDay(day, ZONE);
  const whose = { usagePoint: 'home-1', meterId: town[0]!.meterId, subject: 'acc-1' };
  await closePart((principal) => embedded.as(principal), { ...whose, day, part: 1, start, end, minutes: 15, zone: ZONE }, wh, {});
}

async function ask(path: string, as = 'acc-1', query: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const handler = makeUsageApi(embedded.as('usage-api'), defencesUnderTest());
  const match = matchRoute('customer', 'GET', path)!;
  const event = apiEvent({
    ...{ requestId: randomUUID(), match, principal: customerOf(as), path, query },
    ...{ headers: {}, body: undefined, sourceIp: '', at: clock.now() },
  });
  const { statusCode, body } = await handler(event, { awsRequestId: 'r' } as Context);
  expect(statusCode, body).toBe(200);
  return JSON.parse(body);
}

const today = async (home = 1) => Today.parse(await ask(`/v1/me/points/home-${home}/today`, `acc-${home}`));

describe('today, on the embedded platform with its keys', () => {
  it('tells what came so far, until when, and what is missing of it', async () => {
    clock.set(NOON);
    await deliver(1, NOON - 4 * QUARTER_MS, Array(44).fill(100).with(10, null));
    await deliver(2, NOON - 4 * QUARTER_MS, Array(44).fill(900));
    await project();
    const told = await today();
    expect(told).toMatchObject({ day: DAY, expected: 48, readingsUntil: '2026-11-20T11:00:00.000Z', importWh: 4_300, usual: null });
    expect(told.quality).toEqual({ measured: 43, estimated: 0, edited: 0, missing: 5 });
    expect(told.rows[10]).toMatchObject({ importWh: null, quality: { missing: 1 } });
    expect(told.rows.map(({ importWh }) => importWh)).not.toContain(900);
    expect((await today(2)).importWh).toBe(44 * 900);
  });

  it('compares with the same weekdays before, up to the same time of day, as far as those are known', async () => {
    clock.set(NOON);
    await close(plusDays(DAY, -7), 100);
    await deliver(1, NOON - 2 * 3_600_000, Array(40).fill(50));
    await project();
    expect((await today()).usual).toBeNull();
    await close(plusDays(DAY, -14), 200);
    await close(plusDays(DAY, -20), 900);
    await project();
    expect((await today()).usual).toEqual({ importWh: 40 * 150, days: 2 });
  });

  it('before anything came nothing is known, and nothing is zero but the sum', async () => {
    clock.set(MIDNIGHT + 3_600_000);
    const told = await today();
    expect(told).toMatchObject({ readingsUntil: null, importWh: 0, exportWh: null, costMicro: null, usual: null });
    expect(told.quality.missing).toBe(4);
  });

  it('a day that is not closed yet shows in usage as it came, and as it was closed from then on', async () => {
    clock.set(MIDNIGHT + 86_400_000 + 3_600_000);
    await deliver(1, MIDNIGHT + 86_400_000, Array(96).fill(100));
    await project();
    const query = { resolution: 'day', from: DAY, until: plusDays(DAY, 1) };
    const rows = async () => Usage.parse(await ask('/v1/me/points/home-1/usage', 'acc-1', query)).rows;
    expect(await rows()).toMatchObject([{ importWh: 9_600, quality: { measured: 96, missing: 0 } }]);
    await close(DAY, 70);
    await project();
    expect(await rows()).toMatchObject([{ importWh: 6_720, quality: { measured: 96, missing: 0 } }]);
  });
});
