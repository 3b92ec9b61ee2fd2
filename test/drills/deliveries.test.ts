import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askReplay, deliveryState, type Endpoint, setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import { makeRedeliver } from '../../lambdas/deliver/handler.ts';
import { feedStream } from '../../lambdas/shared/feeds/feed-names.ts';
import { scheduledEvent } from '../../platform/embedded/host/lambda-context.ts';
import { FEED_START } from '../../protocol/feed.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const MINUTE = 60_000;
const FEED = 'operator/area-demand';
const RECIPIENTS = ['grid-ems', 'grid-archive', 'grid-spare'].map((recipient): Endpoint => ({ recipient, feed: FEED }));

let duty: Duty;
let world: MemoryWorld;
beforeEach(async () => {
  duty = new Duty();
  world = new MemoryWorld({ now: Date.UTC(2026, 1, 8, 9) });
  const data = { seq: 1, prevHash: FEED_START.hash, hash: FEED_START.hash, jws: 'item.1.x', at: world.clock.now() };
  const commitId = createHash('sha256').update('item 1').digest();
  await world.events.append(await world.events.head(feedStream(FEED)), { commitId, events: [{ type: 'FeedItemIssued', data }] }).durable;
});
afterEach(() => duty.end());

async function subscribe(endpoints: readonly Endpoint[]): Promise<void> {
  for (const endpoint of endpoints)
    await setEndpoint(world.as('deliver'), { ...endpoint, url: 'https://ems.example.org/feeds' }, 'operator');
}

/** The schedule, once after so many minutes. */
async function run(minutes: number): Promise<void> {
  world.clock.advance(minutes * MINUTE);
  await makeRedeliver(world.as('deliver'), defencesUnderTest())(scheduledEvent('redeliver', world.clock.now()), lambdaContext('redeliver'));
}

it('deliveries-failing: one recipient of one feed that answers 403 for an hour raises it, and taking what waits ends it', async () => {
  const [ems] = RECIPIENTS;
  await subscribe([ems!]);
  world.answer = () => ({ status: 403 });
  for (let minute = 0; minute < 60; minute++) await run(1);
  expect(duty.hears('deliveries-failing', 'operator')).toBe(true);
  for (const other of ['billing', 'third-party', 'customer']) expect(duty.hears('deliveries-failing', other)).toBe(false);
  // By now it waits for hours, and is looked at every minute all the same.
  duty.turn();
  await run(1);
  expect(duty.hears('deliveries-failing')).toBe(true);
  world.answer = () => ({ status: 204 });
  await run(60);
  expect(duty.hears('deliveries-failing')).toBe(false);
  expect(await deliveryState(world.as('deliver'), ems!)).toMatchObject({ through: 1 });
});

it('three recipients that fail at once for ten minutes raise nothing', async () => {
  await subscribe(RECIPIENTS);
  world.answer = () => ({ status: 503 });
  for (let minute = 0; minute < 10; minute++) await run(1);
  world.answer = () => ({ status: 204 });
  for (let minute = 10; minute < 60; minute++) await run(1);
  expect(duty.hears('deliveries-failing')).toBe(false);
  for (const endpoint of RECIPIENTS) expect(await deliveryState(world.as('deliver'), endpoint)).toMatchObject({ through: 1 });
});

it('deliveries-set-aside: 72 hours without an answer raise it, and a replay brings what was set aside', async () => {
  const [ems] = RECIPIENTS;
  await subscribe([ems!]);
  for (let hour = 0; hour < 71; hour++) await run(60);
  expect(duty.hears('deliveries-set-aside')).toBe(false);
  for (let hour = 0; hour < 5; hour++) await run(60);
  expect(duty.hears('deliveries-set-aside')).toBe(true);
  duty.turn();
  world.answer = () => ({ status: 204 });
  await askReplay(world.as('deliver'), ems!, 0, 'grid-ems');
  await run(1);
  expect(world.posted.at(-1)!.body.toString()).toBe('item.1.x');
  expect(duty.hears('deliveries-set-aside')).toBe(false);
});
