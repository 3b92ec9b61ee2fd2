import { createHash } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { DELIVERY_LASTS_MS } from '../../domain/delivery/backoff.ts';
import type { FeedItemIssued } from '../../events/index.ts';
import { verifyBillingFeed } from '../../lambdas/billing-feed/verify.ts';
import { askReplay, deliveryState, type Endpoint, endEndpoint, endpointsOf, setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import { CLOSED_GATES, type DeliveryGates } from '../../lambdas/deliver/gate.ts';
import { makeDeliver, makeRedeliver } from '../../lambdas/deliver/handler.ts';
import { feedStream } from '../../lambdas/shared/feeds/feed-names.ts';
import { pinnedKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import { scheduledEvent } from '../../platform/embedded/host/lambda-context.ts';
import type { OutboundRequest, OutboundResult } from '../../platform/ports/outbound.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { FEED_START } from '../../protocol/feed.ts';
import { verifyWebhook, WEBHOOK_TYP } from '../../protocol/webhook.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { lambdaContext, sqsEvent } from '../support/sqs.ts';
import { Billed, computed } from './billed.ts';

const MINUTE = 60_000;
const EMS: Endpoint = { recipient: 'grid-ems', feed: 'operator/area-demand' };
const OK: OutboundResult = { status: 204 };

let world: MemoryWorld;
let platform: Platform;
let issued: number;

beforeEach(async () => {
  world = new MemoryWorld({ now: Date.UTC(2026, 1, 8, 9) });
  platform = world.as('deliver');
  issued = 0;
  world.answer = () => OK;
});

/** Items in the feed's stream, as whoever issues them would have put them. */
async function issue(count: number, feed = EMS.feed): Promise<void> {
  for (let i = 0; i < count; i++) {
    const data: FeedItemIssued = {
      seq: ++issued,
      prevHash: FEED_START.hash,
      hash: FEED_START.hash,
      jws: `item.${issued}.x`,
      at: world.clock.now(),
    };
    const head = await world.events.head(feedStream(feed));
    const commitId = createHash('sha256').update(`${feed} ${issued}`).digest();
    await world.events.append(head, { commitId, events: [{ type: 'FeedItemIssued', data }] }).durable;
  }
}

const grew = (feed: string, audience = feed.split('/')[0]): SQSEvent =>
  sqsEvent('test', [JSON.stringify({ type: `joulekeep.${audience}.feed-grew.v1`, data: { feed, seq: issued } })]);

async function wake(feed = EMS.feed, gates?: DeliveryGates) {
  return await makeDeliver(platform, defencesUnderTest(), gates)(grew(feed), lambdaContext('deliver'));
}

/** The schedule, at every minute up to then; the clock stands there afterwards. */
async function minutes(count: number, gates?: DeliveryGates): Promise<void> {
  const handler = makeRedeliver(platform, defencesUnderTest(), gates);
  for (let i = 0; i < count; i++) {
    world.clock.advance(MINUTE);
    await handler(scheduledEvent('redeliver', world.clock.now()), lambdaContext('redeliver'));
  }
}

const bodies = () => world.posted.map(({ body }) => body.toString());
const numbers = () => bodies().map((body) => Number(body.split('.')[1]));
const facts = (endpoint: Endpoint = EMS) =>
  world.events.eventsOf(`delivery/${endpoint.recipient}/${endpoint.feed}`).map(({ type }) => type);

async function subscribe(endpoint: Endpoint = EMS): Promise<void> {
  await setEndpoint(platform, { ...endpoint, url: 'https://ems.example.org/feeds' }, 'operator');
}

describe('delivery by push', () => {
  it('brings a feed in order, each item once, and goes on where it was', async () => {
    await subscribe();
    await issue(45);
    expect(await wake()).toEqual({ batchItemFailures: [] });
    expect(numbers()).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
    await wake();
    await issue(1);
    await wake();
    expect(numbers()).toHaveLength(46);
    expect(await deliveryState(platform, EMS)).toMatchObject({ through: 46, setAside: [] });
  });

  it('R9.3-2: what is pushed is signed over id, time, recipient and body; a receiver finds every change', async () => {
    await subscribe();
    await issue(1);
    await wake();
    const [{ headers, body } = {} as OutboundRequest] = world.posted;
    const trust = { recipient: 'grid-ems', keys: await pinnedKeyOf(platform.kms, 'webhook', WEBHOOK_TYP), now: world.clock.now() };
    expect(verifyWebhook({ headers, body }, trust)).toMatchObject({ id: 'operator/area-demand/1', recipient: 'grid-ems' });
    const faultOf = (change: { headers?: object; body?: Buffer }, than: Partial<typeof trust> = {}) =>
      verifyWebhook({ headers: { ...headers, ...change.headers }, body: change.body ?? body }, { ...trust, ...than });
    expect(faultOf({ body: Buffer.from('item.2.x') })).toEqual({ fault: 'wrong-body' });
    expect(faultOf({ headers: { 'joulekeep-delivery': 'operator/area-demand/2' } })).toEqual({ fault: 'wrong-id' });
    expect(faultOf({ headers: { 'joulekeep-signature': undefined } })).toEqual({ fault: 'unsigned' });
    expect(faultOf({}, { recipient: 'acme' })).toEqual({ fault: 'wrong-recipient' });
    expect(faultOf({}, { now: world.clock.now() + 6 * MINUTE })).toEqual({ fault: 'stale' });
    expect(faultOf({}, { keys: new Map() })).toEqual({ fault: 'unknown-key' });
  });

  it.each<[string, OutboundResult]>([
    ['an error of theirs', { status: 500 }],
    ['a refusal', { status: 403 }],
    ['a redirect, which nobody follows', { status: 302 }],
    ['no answer', { failure: 'timeout' }],
    ['an answer without end', { failure: 'too-large' }],
    ['nobody there', { failure: 'unreachable' }],
    ['an address that may not be connected to', { failure: 'refused-address' }],
  ])('after %s the item waits, and everything behind it with it', async (_, bad) => {
    await subscribe();
    await issue(3);
    world.answer = () => (numbers().at(-1) === 2 ? bad : OK);
    await wake();
    await wake();
    expect(numbers()).toEqual([1, 2]);
    world.answer = () => OK;
    await minutes(1);
    expect(numbers()).toEqual([1, 2, 2, 3]);
    expect(facts()).toEqual(['EndpointSet', 'ItemsDelivered', 'DeliveryFailed', 'ItemsDelivered']);
  });

  it('waits longer each time, tries for 72 hours, and then sets aside what is as old, and no more', async () => {
    await subscribe();
    await issue(2);
    const began = world.clock.now();
    world.answer = () => ({ status: 500 });
    await wake();
    await minutes(71 * 60);
    await issue(1);
    const tried = numbers().length;
    expect(tried).toBeGreaterThan(20);
    expect(tried).toBeLessThan(32);
    expect(new Set(numbers())).toEqual(new Set([1]));
    await minutes(60 + 1);
    expect(world.clock.now() - began).toBeGreaterThan(DELIVERY_LASTS_MS);
    const state = await deliveryState(platform, EMS);
    expect(state).toMatchObject({ through: 2, setAside: [{ from: 1, through: 2 }], failing: { seq: 3 } });
    expect(world.logged).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ code: 'DELIVERY_SET_ASIDE', count: 2 }) }),
    );
    world.answer = () => OK;
    await minutes(10);
    expect(numbers().at(-1)).toBe(3);
  });

  it('a replay brings everything behind a sequence again, what was set aside as well, with 72 hours anew', async () => {
    await subscribe();
    await issue(3);
    world.answer = () => ({ status: 500 });
    await wake();
    await minutes(73 * 60);
    expect(await deliveryState(platform, EMS)).toMatchObject({ setAside: [{ from: 1, through: 3 }] });
    await askReplay(platform, EMS, 1, 'grid-ems');
    await minutes(1);
    expect(await deliveryState(platform, EMS)).toMatchObject({
      through: 1,
      setAside: [{ from: 1, through: 1 }],
      failing: { seq: 2, attempt: 1 },
    });
    world.answer = () => OK;
    world.posted.length = 0;
    await minutes(5);
    expect(numbers()).toEqual([2, 3]);
    await expect(askReplay(platform, EMS, 9, 'grid-ems')).rejects.toMatchObject({ code: 'ERR_REPLAY_AHEAD' });
  });

  it('one that is gone gets nothing any more, until it is set again', async () => {
    await subscribe();
    await issue(2);
    world.answer = () => ({ status: 410 });
    await wake();
    await minutes(10);
    expect(numbers()).toEqual([1]);
    expect((await deliveryState(platform, EMS)).status).toBe('ended');
    world.answer = () => OK;
    await subscribe();
    await wake();
    expect(numbers()).toEqual([1, 1, 2]);
    await endEndpoint(platform, EMS, 'contract ended', 'operator');
    await issue(1);
    await wake();
    expect(numbers()).toEqual([1, 1, 2]);
  });

  it('a slow or dead recipient holds up nobody else', async () => {
    const other = { recipient: 'second-ems', feed: EMS.feed };
    await subscribe();
    await setEndpoint(platform, { ...other, url: 'https://second.example.org/' }, 'operator');
    await issue(2);
    world.answer = ({ url }) => (url.includes('second') ? OK : { failure: 'timeout' });
    await wake();
    expect(await deliveryState(platform, other)).toMatchObject({ through: 2 });
    expect(await deliveryState(platform, EMS)).toMatchObject({ through: 0 });
  });

  it('two workers at once repeat at most, and lose and reorder nothing', async () => {
    await subscribe();
    await issue(30);
    await Promise.all([wake(), wake(), minutes(1)]);
    const seen = numbers();
    expect(seen.filter((seq, i) => seen.indexOf(seq) === i)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(await deliveryState(platform, EMS)).toMatchObject({ through: 30 });
  });

  it('what a crash before the record left is brought again', async () => {
    await subscribe();
    await issue(3);
    world.events.beforeAppend = (stream) => {
      if (stream.startsWith('delivery/')) throw new Error('gone');
    };
    expect((await wake()).batchItemFailures).toHaveLength(1);
    world.events.beforeAppend = undefined;
    await wake();
    expect(numbers()).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('what is no address for a feed is none', async () => {
    for (const url of ['http://ems.example.org/', 'ftp://x/', 'https://user:secret@ems.example.org/', 'nonsense'])
      await expect(setEndpoint(platform, { ...EMS, url }, 'operator')).rejects.toMatchObject({ code: 'ERR_ENDPOINT_INVALID' });
    for (const change of [{ recipient: '../x' }, { feed: 'segment/a' }, { feed: 'operator/a/b/c' }])
      await expect(setEndpoint(platform, { ...EMS, ...change, url: 'https://a.example/' }, 'operator')).rejects.toMatchObject({
        code: 'ERR_ENDPOINT_INVALID',
      });
    expect(await endpointsOf(platform)).toEqual([]);
  });
});

describe('delivery to third parties', () => {
  const ACME: Endpoint = { recipient: 'acme', feed: 'third-party/acme' };

  it('is decided when an item is about to leave: after a revocation the rest is dropped, taken from upstream, and never comes again', async () => {
    await subscribe(ACME);
    await issue(4, ACME.feed);
    let consents = true;
    const gates: DeliveryGates = { ...CLOSED_GATES, 'third-party': async () => (consents ? 'deliver' : { drop: 'consent-revoked' }) };
    world.answer = () => {
      if (world.posted.length === 2) consents = false;
      return OK;
    };
    expect(await wake(ACME.feed, gates)).toEqual({ batchItemFailures: [] });
    await minutes(60, gates);
    expect(numbers()).toEqual([1, 2]);
    expect(facts(ACME)).toEqual(['EndpointSet', 'ItemsDelivered', 'ItemDropped', 'ItemDropped']);
    expect(await deliveryState(platform, ACME)).toMatchObject({ through: 4, setAside: [] });
  });

  it('an item that waits for its next attempt is dropped as well', async () => {
    await subscribe(ACME);
    await issue(1, ACME.feed);
    let consents = true;
    const gates: DeliveryGates = { ...CLOSED_GATES, 'third-party': async () => (consents ? 'deliver' : { drop: 'consent-revoked' }) };
    world.answer = () => ({ status: 503 });
    await wake(ACME.feed, gates);
    consents = false;
    await minutes(5, gates);
    expect(numbers()).toEqual([1]);
    expect(await deliveryState(platform, ACME)).toMatchObject({ through: 1 });
  });

  it('nothing goes where nobody decides', async () => {
    await subscribe(ACME);
    await issue(1, ACME.feed);
    await wake(ACME.feed);
    expect(world.posted).toEqual([]);
    expect(facts(ACME)).toEqual(['EndpointSet', 'ItemDropped']);
  });
});

describe('delivery to the billing system', () => {
  it('R9.2-2: bills are opened under the name of who pushes, which is on record, and arrive as they were signed', async () => {
    const billed = new Billed();
    const stream = await billed.record('anna', computed('anna', 1_000_000n));
    await billed.issue(stream);
    platform = billed.world.as('deliver');
    world = billed.world;
    world.answer = () => OK;
    await subscribe({ recipient: 'billing-system', feed: 'billing/bills' });
    await wake('billing/bills');
    expect(verifyBillingFeed(bodies(), await billed.keys())).toMatchObject({ faults: [], book: { head: { seq: 1 } } });
    expect(world.events.eventsOf('access/2026-02-08.deliver')).toMatchObject([{ data: { purpose: 'billing', subjects: ['anna'] } }]);
  });
});
