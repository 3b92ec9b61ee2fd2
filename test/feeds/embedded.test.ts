import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingItems, BillingTotals } from '../../api/billing-feed.ts';
import { closeDoors, type Doors, openDoors } from '../../bin/service/doors.ts';
import { handlersOn } from '../../bin/service/handlers.ts';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import type { BillEvent } from '../../events/index.ts';
import { verifyBillingFeed } from '../../lambdas/billing-feed/verify.ts';
import { deliveryState, setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { pinnedKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { ReceivedItem } from '../../protocol/feed.ts';
import { verifyWebhook, WEBHOOK_TYP } from '../../protocol/webhook.ts';
import type { ApiRole } from '../../topology/route.ts';
import { credentials } from '../platform/https-fixture.ts';
import { exchange, written } from '../support/exchange.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { computed, rerated } from './billed.ts';

const DAY_MS = 86_400_000;
let directory: string;
let clock: ManualClock;
let platform: Embedded;
let doors: Doors;
/** The billing system. */
let receiver: WebhookReceiver;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'joulekeep-feeds-'));
  clock = new ManualClock(Date.now());
  platform = await createEmbeddedPlatform({ stateDir: directory, clock, timer: false, retryMs: 20, privateNetworks: ['127.0.0.0/8'] });
  await platform.host.start(handlersOn(platform, INGEST_LIMITS));
  doors = await openDoors(platform, clock, {});
  receiver = await WebhookReceiver.open(platform.ca.server);
});

afterEach(async () => {
  receiver.close();
  await closeDoors(Object.values(doors));
  await platform.close();
  rmSync(directory, { recursive: true, force: true });
});

async function record(account: string, event: BillEvent): Promise<void> {
  const { events, directory: notes } = platform.as('billing');
  const stream = `bill/${account}/up-1.2026-01-01`;
  const subject = { of: 'billing', subject: account } as const;
  const head = await events.head(stream, subject);
  const commitId = createHash('sha256').update(`${stream} ${head.version}`).digest();
  await notes.put([{ key: stream.replace(/^bill/, 'bills'), value: Buffer.alloc(0) }]);
  await events.append(head, { commitId, events: [event], subject }).durable;
}

/** Nothing is left to do, however often one thing leads to another. */
async function settle(): Promise<void> {
  await platform.host.drain();
  await platform.host.runDue();
  await platform.host.drain();
}

const keysOf = (keyId: string, typ: string) => pinnedKeyOf(platform.as('operator-cli').kms, keyId, typ);

async function ask<T>(path: string, role: ApiRole = 'billing-system', method = 'GET', body?: object): Promise<{ status: number; body: T }> {
  const { privateKey, csr } = await deviceKey(`${role}-1`);
  const { key, cert } = credentials(`${role}-1`, privateKey, await platform.people.issue(`${role}-1`, role, csr));
  const { body: sent, typed } = written({ json: body });
  const { status, text } = await exchange(
    { port: doors.billing!.port, path, method, headers: typed, ca: platform.ca.rootPem, key, cert },
    sent,
  );
  return { status, body: JSON.parse(text) as T };
}

const ENDPOINT = { recipient: 'billing-system-1', feed: 'billing/bills' };

async function subscribe(): Promise<void> {
  const url = `https://127.0.0.1:${receiver.port}/`;
  await setEndpoint(platform.as('deliver'), { ...ENDPOINT, url, ca: platform.ca.rootPem }, 'operator');
}

describe('the billing feed on the embedded platform', () => {
  it('R9.2-2: from the bill to the billing system, pushed and pulled, each item signed and the same', async () => {
    await subscribe();
    await record('anna', computed('anna', 1_000_000n));
    await record('ben', computed('ben', 2_000_000n));
    await settle();
    await record('ben', rerated('ben', 2, 2_000_000n, 1_900_000n));
    await settle();
    const trust = { recipient: ENDPOINT.recipient, keys: await keysOf('webhook', WEBHOOK_TYP), now: clock.now() };
    for (const push of receiver.taken) expect(verifyWebhook(push, trust)).toHaveProperty('id');
    const keys = await keysOf('billing-feed', BILLING_FEED_TYP);
    const items = receiver.taken.map(({ body }) => body.toString());
    expect(verifyBillingFeed(items, keys)).toMatchObject({ faults: [], book: { head: { seq: 3 } } });
    const pulled = await ask<BillingItems>('/v1/billing/items');
    expect(pulled).toEqual({ status: 200, body: { items, more: false } });
    const page = await ask<BillingItems>('/v1/billing/items?after=1&limit=1');
    expect(page.body).toEqual({ items: [items[1]], more: true });
  });

  it('control totals are signed once the month was run, and whoever is not the billing system gets nothing', async () => {
    await record('anna', computed('anna', 1_000_000n));
    await settle();
    expect((await ask('/v1/billing/totals/2026-01')).status).toBe(404);
    await platform.as('billing').directory.put([{ key: 'bill-run/2026-01-01', value: Buffer.alloc(0) }]);
    clock.advance(DAY_MS);
    await settle();
    const { body } = await ask<BillingTotals>('/v1/billing/totals/2026-01');
    const { items } = (await ask<BillingItems>('/v1/billing/items')).body;
    expect(items.at(-1)).toBe(body.item);
    expect(verifyBillingFeed(items as ReceivedItem[], await keysOf('billing-feed', BILLING_FEED_TYP)).faults).toEqual([]);
    for (const role of ['operator', 'supervisor', 'grid-operator', 'third-party'] as const)
      expect((await ask('/v1/billing/items', role)).status).not.toBe(200);
  });

  it('a billing system that was away gets what it missed, and again what it asks for', async () => {
    await subscribe();
    receiver.answers = 503;
    await record('anna', computed('anna', 1_000_000n));
    await record('ben', computed('ben', 2_000_000n));
    await settle();
    expect(receiver.taken).toEqual([]);
    receiver.answers = 204;
    clock.advance(60_000);
    await settle();
    expect(receiver.taken).toHaveLength(2);
    const replayed = await ask('/v1/billing/replay', 'billing-system', 'POST', { after: 1 });
    expect(replayed).toEqual({ status: 200, body: { through: 1, setAside: [] } });
    clock.advance(60_000);
    await settle();
    expect(receiver.taken.map(({ headers }) => headers['joulekeep-delivery'])).toEqual([
      'billing/bills/1',
      'billing/bills/2',
      'billing/bills/2',
    ]);
    expect(await deliveryState(platform.as('deliver'), ENDPOINT)).toMatchObject({ through: 2, setAside: [] });
  });

  it('R9.1-3: an erased subject leaves place and hash in the feed', async () => {
    await record('anna', computed('anna', 1_000_000n));
    await record('ben', computed('ben', 2_000_000n));
    await settle();
    const archive = platform.as('archive').keys;
    for (const { id } of await archive.list('billing/anna/')) await archive.destroy(id);
    const { items } = (await ask<BillingItems>('/v1/billing/items')).body;
    expect(items.map((item) => typeof item).toSorted()).toEqual(['object', 'string']);
    expect(JSON.stringify(items)).not.toMatch(/anna/);
    expect(verifyBillingFeed(items as ReceivedItem[], await keysOf('billing-feed', BILLING_FEED_TYP)).faults).toEqual([]);
  });
});
