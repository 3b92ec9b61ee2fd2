import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handlersOn } from '../../bin/service/handlers.ts';
import { TallyFold } from '../../domain/telemetry/tally.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { makeUsageApi } from '../../lambdas/usage-api/handler.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Authorizer } from '../../platform/ports/authorizer.ts';
import { CUSTOMER } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ApiGateway } from '../platform/https-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { QUARTER_MS, type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';

const START = Date.UTC(2026, 0, 15, 10);
const CLIENTS = 50;
const HOURS = 2;
/** Files a customer may ask for at once. */
const BURST = 5;

let directory: string;
let clock: ManualClock;
let platform: Embedded;
let door: ApiGateway;
let town: readonly SealedMeter[];
/** Whose session the next request has. */
let who: string;

const authorizer: Authorizer = { authorize: async () => ({ allowed: true, person: who, role: CUSTOMER }) };

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(START);
  platform = await createEmbeddedPlatform({ stateDir: directory, clock, timer: false, defences: defencesUnderTest() });
  town = await sealedTown((principal) => platform.as(principal), { meters: 40, relays: ['one', 'two'], at: START });
  await platform.host.start(handlersOn(platform, INGEST_LIMITS));
  const others = ROUTES.filter((route) => route.door === 'customer').map((route) => [
    route.function,
    async () => ({ statusCode: 200, body: '{}' }),
  ]);
  const handlers = { ...Object.fromEntries(others), 'usage-api': makeUsageApi(platform.as('usage-api'), defencesUnderTest()) };
  door = await ApiGateway.open({ door: 'customer', authorizer, handlers });
});

afterEach(async () => {
  await door.close();
  await platform.close();
  discard(directory);
});

/** How often a client that asks for one file more than it may is refused. */
async function flood(client: number, hour: number): Promise<number> {
  let refused = 0;
  for (let i = 0; i <= BURST; i++) {
    who = `acc-${client}-${hour}`;
    const { status } = await door.send('/v1/me/points/home-1/download', undefined, { from: `127.0.0.${2 + (client % 10)}` });
    if (status === 429) refused++;
  }
  return refused;
}

async function deliver(hour: number): Promise<void> {
  const at = START + hour * 4 * QUARTER_MS;
  clock.set(at);
  for (const [n, dcId] of ['one', 'two'].entries()) {
    const frames = town.filter((_, i) => i % 2 === n).map((meter) => meter.reading(at, [1, 2, 3, 4]));
    await platform.queues.send('telemetry', telemetryBody(dcId, at, hour, frames));
  }
}

async function tally() {
  const fold = new TallyFold();
  const { events } = platform.as('ingest');
  for (const prefix of ['segment/', 'relay/'])
    for await (const stream of events.streams(prefix))
      for await (const commit of events.read(stream)) for (const event of commit.events) fold.add(event);
  return fold.result();
}

describe('a flood at the customers’ door while readings arrive', () => {
  it('T8.3-2: is refused beyond each customer’s share, and takes not one frame from ingest, which has its own', {
    timeout: 60_000,
  }, async () => {
    for (let hour = 1; hour <= HOURS; hour++) {
      const refused: number[] = [];
      for (let client = 0; client < CLIENTS; client++) {
        if (client % 25 === 0) await deliver(2 * hour - (client === 0 ? 1 : 0));
        refused.push(await flood(client, hour));
      }
      await platform.host.drain();
      expect(refused).toEqual(Array.from({ length: CLIENTS }, () => 1));
    }
    expect(await tally()).toMatchObject({ accepted: 2 * HOURS * town.length, duplicate: 0, quarantined: 0 });
  });
});
